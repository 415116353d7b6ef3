// Starts the reaper: it ends what has no IPC channel to us, when we are gone without having ended it.
import { spawn } from 'node:child_process';
import { reaperFile } from './paths.js';

/**
 * Ends a process by the given signal, and by SIGKILL a little later, when this process ends in whatever way.
 * The returned function takes the order back, for when the process has ended by itself.
 */
export function endWithUs(pid: number, signal: NodeJS.Signals): () => void {
  const reaper = spawn(process.execPath, [reaperFile()], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  reaper.unref();
  // A reaper that is gone has nothing left to be told.
  reaper.stdin.on('error', () => {});
  reaper.stdin.write(`watch ${pid} ${signal}\n`);
  return () => {
    reaper.stdin.end(`forget ${pid}\n`);
  };
}
