// The clock that every timed part is given, so that tests can move time themselves.

/** What `Clock.every` and `Clock.after` return: `cancel` is idempotent. */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Monotonic milliseconds, for measuring durations. */
  monotonic(): number;
  /** Calls `run` once after `delayMs`. The timer does not keep the process alive. */
  after(delayMs: number, run: () => void): Timer;
  /** Calls `run` every `intervalMs`. The timer does not keep the process alive. */
  every(intervalMs: number, run: () => void): Timer;
  /** Resolves after `delayMs`; unlike a timer it keeps the process alive, since somebody waits. */
  sleep(delayMs: number): Promise<void>;
}

/** The real clock: `Date.now`, `performance.now` and Node's timers. */
export function createSystemClock(): Clock {
  const after = (delayMs: number, run: () => void): Timer => {
    const handle = setTimeout(run, delayMs);
    handle.unref();
    return { cancel: () => clearTimeout(handle) };
  };
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after,
    every(intervalMs, run) {
      const handle = setInterval(run, intervalMs);
      handle.unref();
      return { cancel: () => clearInterval(handle) };
    },
    sleep: (delayMs) => new Promise((resolve) => void setTimeout(resolve, delayMs)),
  };
}
