// Runs the user's command as if nobody were in between: its terminal, its signals, its end.
import { spawn } from 'node:child_process';
import { isatty } from 'node:tty';
import type { Reaper } from './reaper-client.js';
import { allProcesses, receiversOf } from './signal-receivers.js';

export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** Signals that are passed on. */
const PASSED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
/** Of these, the ones that a terminal sends to its whole foreground group, and so to the command itself. */
const FROM_TERMINAL: ReadonlySet<string> = new Set(['SIGINT', 'SIGQUIT']);

/** The command could not be started; `exitCode` is what a shell would give. */
export class CommandError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

export interface CommandOptions {
  command: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  reaper: Reaper;
}

/**
 * Runs it with this process's own standard streams and resolves with its ending. While it runs,
 * signals are passed on; afterwards they do to this process what they usually do.
 *
 * At a terminal the command stays in its foreground group, which Ctrl-C reaches as a whole. Without one it has a
 * group of its own, so that nothing but us sends it signals, and each of its processes gets them just once.
 */
export async function runCommand(options: CommandOptions): Promise<Ending> {
  const { reaper } = options;
  const atTerminal = isatty(0) || isatty(1) || isatty(2);
  const leads = !atTerminal && process.platform !== 'win32';
  const child = spawn(options.command, options.args, {
    stdio: 'inherit',
    env: options.env,
    detached: leads,
  });
  const { pid } = child;
  const watched = pid === undefined || !leads ? pid : -pid;
  if (watched !== undefined) reaper.watch(watched);
  const passOn = (signal: NodeJS.Signals): void => {
    // A second SIGINT makes many programs leave without cleaning up, so it must not arrive twice.
    if (pid === undefined || (atTerminal && FROM_TERMINAL.has(signal))) return;
    for (const receiver of receiversOf(pid, allProcesses())) send(receiver, signal);
  };
  for (const signal of PASSED) process.on(signal, passOn);
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) => reject(startError(options, error)));
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
  } finally {
    if (watched !== undefined) reaper.forget(watched);
    for (const signal of PASSED) process.off(signal, passOn);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended, and its exit is on its way to us.
  }
}

function startError(options: CommandOptions, error: NodeJS.ErrnoException): CommandError {
  if (error.code === 'ENOENT') return new CommandError(`${options.command}: not found`, 127);
  return new CommandError(`${options.command}: ${error.message}`, 126);
}

/** Ends this process as the command has ended: with its code, or by the same signal. */
export function endLike(ending: Ending): never {
  if (ending.signal === null) process.exit(ending.code ?? 1);
  process.kill(process.pid, ending.signal);
  // A signal that does not end this process, such as one that was ignored from the start.
  process.exit(1);
}
