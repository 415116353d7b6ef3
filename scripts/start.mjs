// What `npm start` runs: the demo, which also ends when npm was killed and could pass on no signal.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const lookIntervalMs = 1000;

// npm runs a script through a shell, which outlives a killed npm and so hides it from us.
if (process.env.npm_lifecycle_event === 'start') endWith(parentOf(process.ppid));

await import('../deploy/demo/dist/src/main.js');

/** Ends this process as `kill` would once `pid` is gone. Where npm's pid is not known, nothing is watched. */
function endWith(pid) {
  if (pid === undefined) return;
  const timer = setInterval(() => {
    if (isAlive(pid)) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, lookIntervalMs);
  timer.unref();
}

/** Process id of a process's parent; undefined where it has none or the platform does not tell. */
function parentOf(pid) {
  const text = process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
  const parent = Number.parseInt(text, 10);
  // Process 1 never ends before us, and a parent of 0 is none.
  return parent > 1 ? parent : undefined;
}

/** The command's name in /proc/<pid>/stat may hold blanks and parentheses; state and parent follow the last one. */
function fromProc(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? '';
  } catch {
    return '';
  }
}

function fromPs(pid) {
  return spawnSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '';
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
