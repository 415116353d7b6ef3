// A process that leaks as a planted service does, and tells how much of its time went to the collector.
import { PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { retainSessions } from '../../src/shop/faults/retained-sessions.js';

const REQUESTS = 150;
const SESSION_KB = 4000;
const LATE_REQUESTS = 50;

let collectorMs = 0;
const observer = new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) collectorMs += duration;
});
observer.observe({ entryTypes: ['gc'] });

const rememberSession = retainSessions(SESSION_KB);
let requestMs = 0;
for (let request = 0; request < REQUESTS; request++) {
  if (request === REQUESTS - LATE_REQUESTS) {
    collectorMs = 0;
    requestMs = 0;
  }
  const begin = performance.now();
  rememberSession();
  requestMs += performance.now() - begin;
  // Leaves the loop, so that collections are reported and the leak can see how full the heap is.
  await delay(20);
}
process.send?.({ collectorMs, requestMs });
