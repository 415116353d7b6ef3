// Starts the reaper and tells it which processes must not outlive this one.
import { spawn } from 'node:child_process';
import { reaperProgram } from './places.js';

export interface Reaper {
  /** From now on this process (a group where negative) ends with us; `signal` is what it is sent first (SIGTERM by default). */
  watch(pid: number, signal?: NodeJS.Signals): void;
  /** This process has ended, and its pid may soon be another's. */
  forget(pid: number): void;
  /** Ends the reaper, and with it what it still watches. */
  stop(): void;
}

/** Starts a reaper. It neither keeps this process alive nor is reached by its terminal. */
export function startReaper(): Reaper {
  const child = spawn(process.execPath, [reaperProgram], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    env: {},
  });
  child.unref();
  const { stdin } = child;
  // Where the reaper is gone, nothing is left to be told.
  stdin.on('error', () => undefined);
  child.on('error', () => undefined);
  // The pipe is a socket on every platform that has this; it must not keep the event loop alive.
  (stdin as unknown as { unref?: () => void }).unref?.();
  return {
    watch: (pid, signal = 'SIGTERM') => void stdin.write(`watch ${pid} ${signal}\n`),
    forget: (pid) => void stdin.write(`forget ${pid}\n`),
    stop: () => void stdin.end(),
  };
}
