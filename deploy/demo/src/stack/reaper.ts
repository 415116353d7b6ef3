// Starts the reaper: it ends what has no IPC channel to us, when we are gone without having ended it.
import { spawn } from 'node:child_process';
import { reaperFile } from './paths.js';

/** Ends process `pid` when this process ends in any way. The returned function takes the order back. */
export function endWithUs(pid: number): () => void {
  const reaper = spawn(process.execPath, [reaperFile(), String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  reaper.unref();
  return () => {
    reaper.kill('SIGKILL');
  };
}
