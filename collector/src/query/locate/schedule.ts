// Runs the locator at an interval and keeps what it found, so that dashboards read findings as rows.
import { type Located, locate } from './index.js';
import type { Reader } from './reader.js';

export interface LocateSchedule {
  store: Reader & { command(sql: string): Promise<unknown> };
  log: { warn(details: object, message: string): void };
  clock: { now(): number };
  /** True while somebody looks at a page: then findings are renewed sooner. */
  watched(): boolean;
  intervalMs: number;
  intervalWatchedMs: number;
  windowMs: number;
}

const TICK_MS = 1000;

/** Starts the schedule; `stop` resolves when a run that was under way has ended. */
export function startLocateLoop(schedule: LocateSchedule): { stop(): Promise<void> } {
  let lastMs = 0;
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    const dueMs = schedule.watched() ? schedule.intervalWatchedMs : schedule.intervalMs;
    if (running !== undefined || schedule.clock.now() - lastMs < dueMs) return;
    lastMs = schedule.clock.now();
    running = runOnce(schedule)
      .catch((error: unknown) => schedule.log.warn({ err: error }, 'locating bottlenecks failed'))
      .finally(() => {
        running = undefined;
      });
  }, TICK_MS);
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}

async function runOnce(schedule: LocateSchedule): Promise<void> {
  const toMs = schedule.clock.now();
  const startedMs = performance.now();
  const located = await locate(schedule.store, { fromMs: toMs - schedule.windowMs, toMs });
  await keep(schedule.store, located, performance.now() - startedMs);
}

/** Findings are written before their run: a page that sees the run sees all of it. */
async function keep(
  store: LocateSchedule['store'],
  located: Located,
  elapsedMs: number,
): Promise<void> {
  const ts = dateTime(located.to);
  if (located.bottlenecks.length > 0) {
    const rows = located.bottlenecks.map((found, i) =>
      JSON.stringify({
        tenant: 'default',
        ts,
        rank: i + 1,
        service: found.service,
        route: found.route,
        cause: found.cause,
        cost_ms: found.costMs,
        share: found.share,
        requests: found.requests,
        total_ms: found.costMs * found.requests,
        call_site: found.callSite,
        statement: found.statement,
        trace_id: found.traceId,
        confidence: found.confidence,
        detail: found.detail,
      }),
    );
    await store.command(insertOf('bottlenecks', rows));
  }
  const run = {
    tenant: 'default',
    ts,
    window_from: dateTime(located.from),
    window_to: ts,
    requests: located.requests,
    found: located.bottlenecks.length,
    elapsed_ms: Math.round(elapsedMs),
  };
  await store.command(insertOf('bottleneck_runs', [JSON.stringify(run)]));
}

function insertOf(table: string, rows: string[]): string {
  return `INSERT INTO venturi.${table} SETTINGS async_insert = 0 FORMAT JSONEachRow ${rows.join('\n')}`;
}

/** `YYYY-MM-DD hh:mm:ss.mmm` in UTC, which is how ClickHouse reads a DateTime64. */
function dateTime(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
}
