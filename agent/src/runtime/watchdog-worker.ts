// The watchdog's worker thread: sleeps, and when the main thread stops beating asks it what it is doing.
//
// The question is a Runtime.evaluate over an inspector session, which V8 answers in the middle of running JavaScript.
// Neither Debugger.enable nor Debugger.pause is ever sent: they block the main thread by themselves. The session is
// opened for each question and closed at once, since a process that ends with a session open says so on stderr.

import { Session } from 'node:inspector';
import { workerData } from 'node:worker_threads';
import { Schedstat } from './schedstat.js';
import {
  BEAT_MS,
  CELL,
  PROBE_NAME,
  RESTING_BEAT_MS,
  sharedCells,
  sharedClockMs,
  TIME,
  type WatchOrders,
} from './shared-cells.js';
import { TokenBucket } from './token-bucket.js';

/** The first question comes this long after a beat that should have been renewed. */
const GRACE_MS = 7;
/** While the loop rests its CPU clock is looked at this often, and so much CPU between two looks makes a suspect. */
const RESTING_LOOK_MS = 50;
const SUSPECT_CPU_MS = 12;
/** Questions within one stall: every 30 ms at first, then less and less often. */
const GAP_MS = 30;
const EVEN_GAPS = 12;
const GAP_GROWTH = 1.5;
const GAP_MS_MAX = 500;
const PROBES_PER_STALL_MAX = 64;
/** Half a millisecond of the main thread for each: at most about one percent of it in the long run. */
const PROBES_BURST = 40;
const PROBES_PER_SECOND = 20;
/** A wait that ends later than this was not merely inexact: this thread was kept from running. */
const OVERSLEPT_MS_MIN = 5;
/** Between two looks at what this thread itself costs. */
const OWN_CPU_LOOK_MS = 1000;
/** While an answer is awaited. */
const LISTEN_MS = 25;

const OWN_SCHEDSTAT = '/proc/thread-self/schedstat';

const orders = workerData as WatchOrders;
const { ints, times } = sharedCells(orders.memory);
const mainThread = openSchedstat(orders.schedstatPath);
const thisThread = openSchedstat(orders.schedstatPath === '' ? '' : OWN_SCHEDSTAT);
/** Apart from the one above, which must tell what happened between two readings of its own. */
const ownCpu = openSchedstat(orders.schedstatPath === '' ? '' : OWN_SCHEDSTAT);
let nextOwnLookMs = 0;
const bucket = new TokenBucket({
  burst: PROBES_BURST,
  perSecond: PROBES_PER_SECOND,
  nowMs: nowMs(),
});

// What fails here ends the thread; the main thread hears of it and goes on measuring by itself.
void watch();

async function watch(): Promise<void> {
  while (sleepUntilSuspicious()) await questionUntilBeat(beatAt());
}

/** Sleeps while all is well. @returns false when the worker must end */
function sleepUntilSuspicious(): boolean {
  mainThread?.read();
  while (!isSet(CELL.stopping)) {
    const looks = isSet(CELL.resting) && mainThread !== undefined;
    sleepUntil(looks ? Math.min(overdueAt(), nowMs() + RESTING_LOOK_MS) : overdueAt());
    // The pace may have changed meanwhile, so the beat is judged by the one that holds now.
    if (nowMs() >= overdueAt()) break;
    if (!looks) continue;
    const before = mainThread.cpuMs;
    mainThread.read();
    if (mainThread.cpuMs - before >= SUSPECT_CPU_MS) break;
  }
  return !isSet(CELL.stopping);
}

function overdueAt(): number {
  return beatAt() + (isSet(CELL.resting) ? RESTING_BEAT_MS : BEAT_MS) + GRACE_MS;
}

async function questionUntilBeat(beat: number): Promise<void> {
  let gapMs = GAP_MS;
  for (let i = 0; i < PROBES_PER_STALL_MAX; i++) {
    if (isSet(CELL.stopping) || beatAt() !== beat) return;
    if (!isSet(CELL.inspectorOpen) && bucket.take(nowMs()) && !(await question(beat))) return;
    if (i >= EVEN_GAPS) gapMs = Math.min(gapMs * GAP_GROWTH, GAP_MS_MAX);
    sleepInSteps(nowMs() + gapMs);
  }
  // A stall this long has been seen well enough.
  while (!isSet(CELL.stopping) && beatAt() === beat) sleepInSteps(nowMs() + GAP_MS_MAX);
}

/** A thread that sleeps does not notice that its process stood still, unless it is to wake up meanwhile. */
function sleepInSteps(due: number): void {
  for (let at = nowMs(); at < due && !isSet(CELL.stopping); at = nowMs()) {
    sleepUntil(Math.min(due, at + GAP_MS));
  }
}

/** Lets the main thread take a sample of itself. @returns false where it was not in the stall any more */
async function question(beat: number): Promise<boolean> {
  Atomics.store(ints, CELL.connected, 1);
  // In this order: the main thread sets `stopping` and then waits until nobody is connected.
  if (isSet(CELL.stopping)) {
    disconnected();
    return false;
  }
  const session = new Session();
  try {
    session.connectToMainThread();
    return await evaluate(session, beat);
  } finally {
    session.disconnect();
    disconnected();
  }
}

function evaluate(session: Session, beat: number): Promise<boolean> {
  // The session does not keep this thread alive by itself.
  let due = nowMs() + LISTEN_MS;
  const listening = setInterval(() => {
    noteOversleep(due);
    due = nowMs() + LISTEN_MS;
  }, LISTEN_MS);
  mainThread?.read();
  const question = `${beat}, ${nowMs()}, ${mainThread?.queuedMs ?? 0}`;
  return new Promise((resolve, reject) => {
    session.post(
      'Runtime.evaluate',
      {
        expression: `globalThis[Symbol.for("${PROBE_NAME}")]?.(${question})`,
        silent: true,
        returnByValue: true,
      },
      (error, answer) => {
        clearInterval(listening);
        // A process that stood still wakes up with both due, and libuv delivers the answer before the timer.
        noteOversleep(due);
        if (error === null) resolve(answer?.result?.value === true);
        else reject(error);
      },
    );
  });
}

function disconnected(): void {
  Atomics.store(ints, CELL.connected, 0);
  Atomics.notify(ints, CELL.connected);
}

function sleepUntil(due: number): void {
  Atomics.wait(ints, CELL.sleep, 0, Math.max(1, due - nowMs()));
  noteOversleep(due);
}

/**
 * When this thread could not run either, the whole process stood still, and no code of it is to blame. Time in the
 * run queue is another matter: a busy machine delays this thread without delaying the other.
 */
function noteOversleep(due: number): void {
  const at = nowMs();
  const lateMs = at - due;
  if (lateMs >= OVERSLEPT_MS_MIN) {
    const queuedBefore = thisThread?.queuedMs ?? 0;
    thisThread?.read();
    const stoodMs = lateMs - ((thisThread?.queuedMs ?? 0) - queuedBefore);
    times[TIME.oversleptMs] = (times[TIME.oversleptMs] as number) + Math.max(0, stoodMs);
  }
  if (at >= nextOwnLookMs && ownCpu?.read()) {
    nextOwnLookMs = at + OWN_CPU_LOOK_MS;
    times[TIME.workerCpuMs] = ownCpu.cpuMs;
  }
  times[TIME.workerSeen] = at;
}

function isSet(cell: number): boolean {
  return Atomics.load(ints, cell) !== 0;
}

function beatAt(): number {
  return times[TIME.beat] as number;
}

function nowMs(): number {
  return sharedClockMs() - orders.clockOffsetMs;
}

function openSchedstat(path: string): Schedstat | undefined {
  try {
    return path === '' ? undefined : new Schedstat(path);
  } catch {
    return undefined;
  }
}
