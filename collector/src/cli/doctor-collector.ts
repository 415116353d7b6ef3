// What the doctor asks the collector: is it there, is it ready, whom did it hear lately, and what time does it have.
import { healthOf, notReadyBecause, statusOf } from './api.js';
import type { Finding } from './finding.js';
import { collectorVersion } from './places.js';

/** Spans this far off in time would fall out of every window that a person looks at. */
const clockSkewMaxMs = 5000;

/** `url` is that of the collector that was found; `where` is where one was looked for. */
export async function* checkCollector(
  url: string | undefined,
  where: string,
): AsyncGenerator<Finding> {
  const health = url === undefined ? undefined : await healthOf(url);
  if (url === undefined || !health) {
    yield {
      ok: false,
      text: `no collector answers at ${where}`,
      advice: 'Start one with venturi collect, use venturi run, or set VENTURI_ENDPOINT to it.',
    };
    return;
  }
  yield { ok: true, text: `collector ${health.version} at ${url}, data in ${health.dataDir}` };
  const ours = collectorVersion();
  if (health.version !== ours) {
    const text = `the collector is ${health.version} and this is ${ours}`;
    yield { ok: false, text, advice: 'Start the collector anew with this version.' };
  }
  const reason = await notReadyBecause(url).catch(String);
  if (reason !== undefined) yield { ok: false, text: 'the collector is not ready', advice: reason };
  else yield { ok: true, text: 'the collector is ready: ClickHouse answers, the schema is there' };
  yield await checkClock(url);
  yield await checkServices(url);
}

async function checkClock(url: string): Promise<Finding> {
  const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2000) });
  await response.body?.cancel();
  const theirs = Date.parse(response.headers.get('date') ?? '');
  // The header has whole seconds, so up to one of them is no difference.
  const skewMs = Number.isNaN(theirs) ? 0 : Math.abs(Date.now() - theirs - 500);
  if (skewMs <= clockSkewMaxMs) return { ok: true, text: 'the clocks agree' };
  return {
    ok: false,
    text: `the collector's clock is ${Math.round(skewMs / 1000)} s away from this one`,
    advice: 'Set both by NTP: what comes with a wrong time is outside of the window you look at.',
  };
}

async function checkServices(url: string): Promise<Finding> {
  const { services, rejected } = await statusOf(url);
  if (services.length > 0) {
    const lost = rejected > 0 ? `; ${rejected} rows were rejected` : '';
    return { ok: true, text: `heard in the last minute: ${services.join(', ')}${lost}` };
  }
  // No problem by itself: nothing may be running. The delivery check tells whether something could arrive.
  return { ok: true, text: 'heard from no service in the last minute' };
}
