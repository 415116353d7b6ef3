// Who in a tree of processes must be sent a signal so that each gets it once, as it would at a terminal.
import { execFileSync } from 'node:child_process';
import { basename } from 'node:path';

export interface Process {
  pid: number;
  parent: number;
  /** The command line as `ps` shows it. */
  command: string;
}

/** Programs that only start another and then wait: they do not pass on what they are sent, or to a shell only. */
const SHELLS = new Set(['sh', 'dash', 'bash', 'zsh', 'ash', 'ksh', 'fish']);
const RUNNERS = /^(npm|npx|pnpm|pnpx|yarn|yarnpkg|corepack)(-cli)?(\.c?js)?$/;

const psTimeoutMs = 2000;
const psBytesMax = 16 * 1024 * 1024;

/**
 * The root, and below launchers (shells and package runners) whatever they started. Below any other program nobody:
 * a program that has children, such as tsx or a cluster, passes signals on to them in its own way.
 */
export function receiversOf(root: number, processes: readonly Process[]): number[] {
  const receivers: number[] = [];
  const visit = (pid: number): void => {
    if (receivers.includes(pid)) return;
    receivers.push(pid);
    const self = processes.find((one) => one.pid === pid);
    if (self === undefined || !isLauncher(self.command)) return;
    for (const child of processes) if (child.parent === pid) visit(child.pid);
  };
  visit(root);
  return receivers;
}

function isLauncher(command: string): boolean {
  const [program = '', script = ''] = command.trim().split(/\s+/);
  // A login shell has a dash before its name.
  const name = basename(program).replace(/^-/, '');
  if (SHELLS.has(name) || RUNNERS.test(name)) return true;
  return name === 'node' && RUNNERS.test(basename(script));
}

/** Every process of this machine; none where there is no `ps`. */
export function allProcesses(): Process[] {
  try {
    const text = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], {
      encoding: 'utf8',
      timeout: psTimeoutMs,
      maxBuffer: psBytesMax,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return text.split('\n').flatMap((line) => {
      const found = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line);
      return found === null
        ? []
        : [{ pid: Number(found[1]), parent: Number(found[2]), command: found[3] ?? '' }];
    });
  } catch {
    return [];
  }
}
