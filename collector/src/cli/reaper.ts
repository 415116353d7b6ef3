// Ends other processes once its parent is gone: a program of its own that holds a pipe from its parent.
//
// Lines on standard input: `watch <pid>`, `watch <pid> SIGINT` (the first signal; SIGTERM otherwise) and
// `forget <pid>`; a negative pid is a process group. Pids may also be given as arguments. When the pipe closes, whatever is still watched
// gets its signal and, three seconds later, SIGKILL.
import { constants } from 'node:os';
import { createInterface } from 'node:readline';

const graceMs = 3000;
const pollMs = 50;

const watched = new Map<number, NodeJS.Signals>();

// The parent's terminal or a careless kill must not take away what cleans up after them.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) {
  process.on(signal, () => undefined);
}

for (const argument of process.argv.slice(2)) obey(`watch ${argument}`);
const lines = createInterface({ input: process.stdin });
lines.on('line', obey);
lines.once('close', reap);

function obey(line: string): void {
  const [word, id, signal = 'SIGTERM'] = line.trim().split(/\s+/);
  const pid = Number(id);
  // 0 would be our own group, 1 is the system itself and -1 everybody.
  if (!Number.isSafeInteger(pid) || Math.abs(pid) <= 1) return;
  if (word === 'watch') watched.set(pid, isSignal(signal) ? signal : 'SIGTERM');
  if (word === 'forget') watched.delete(pid);
}

function isSignal(name: string): name is NodeJS.Signals {
  return Object.hasOwn(constants.signals, name);
}

function reap(): void {
  for (const [pid, signal] of watched) send(pid, signal);
  const end = performance.now() + graceMs;
  const look = (): void => {
    const alive = [...watched.keys()].filter((pid) => send(pid, 0));
    if (alive.length > 0 && performance.now() < end) {
      setTimeout(look, pollMs);
      return;
    }
    for (const pid of alive) send(pid, 'SIGKILL');
    process.exit(0);
  };
  look();
}

/** Sends a signal; false where there is no such process any more. */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}
