// Folders, logs and clocks for tests.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, createSystemClock } from '../../src/self/clock.js';
import { createLog, type Log } from '../../src/self/log.js';

/** Runs a test with a folder of its own, which is removed afterwards. */
export async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'venturi-test-'));
  try {
    await run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function silentLog(): Log {
  return createLog({ level: 'silent', name: 'test' });
}

/** A clock whose time moves only when told; its timers fire while it moves. */
export interface ManualClock extends Clock {
  /** Moves time forward and fires what comes due on the way. */
  advance(ms: number): void;
}

export function createManualClock(startMs = 1_700_000_000_000): ManualClock {
  let now = startMs;
  let timers: { at: number; run: () => void; everyMs: number | undefined }[] = [];
  const add = (delayMs: number, run: () => void, everyMs?: number) => {
    const timer = { at: now + delayMs, run, everyMs };
    timers.push(timer);
    const cancel = (): void => {
      timers = timers.filter((one) => one !== timer);
    };
    return { cancel };
  };
  return {
    now: () => now,
    monotonic: () => now,
    after: (delayMs, run) => add(delayMs, run),
    every: (intervalMs, run) => add(intervalMs, run, intervalMs),
    sleep: (delayMs) => new Promise((resolve) => void add(delayMs, resolve)),
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const [next] = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (!next) break;
        now = Math.max(now, next.at);
        if (next.everyMs === undefined) timers = timers.filter((one) => one !== next);
        else next.at += next.everyMs;
        next.run();
      }
      now = end;
    },
  };
}

/** Asks again and again until `done` says yes; throws after the deadline. */
export async function until(what: string, done: () => Promise<boolean> | boolean): Promise<void> {
  const clock = createSystemClock();
  const deadline = clock.monotonic() + 20_000;
  while (!(await done())) {
    if (clock.monotonic() > deadline) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
