// Tells a person what they must know: one line on stderr for each kind of problem, and nothing ever on stdout.

import { PROBLEMS, type ProblemCode } from './errors.js';

const told = new Set<ProblemCode>();
/** What the main thread meets too. */
const OF_PROCESS: readonly ProblemCode[] = [
  ...(['VENTURI_A001', 'VENTURI_A003', 'VENTURI_A004', 'VENTURI_A024'] as const),
  ...(['VENTURI_A009', 'VENTURI_A025', 'VENTURI_A032', 'VENTURI_A033'] as const),
];

/** Leaves the problems of the whole process to its main thread. Call first in another one. */
export function leaveProcessToMainThread(): void {
  for (const code of OF_PROCESS) told.add(code);
}

/**
 * Writes a problem to stderr, the first time only: an agent that fills a log is worse than one that is silent.
 * @param detail goes into the message's `%s`
 */
export function tell(code: ProblemCode, detail: string): void {
  if (told.has(code)) return;
  told.add(code);
  try {
    process.stderr.write(`venturi: ${PROBLEMS[code].replace('%s', () => detail)} [${code}]\n`);
  } catch {
    // A closed stderr is no reason to disturb the application.
  }
}

/** Reports that one of our hooks threw; the caller goes on as if it had not been there. */
export function tellHookFailure(hook: string, error: unknown): void {
  tell('VENTURI_A005', `${hook}: ${error instanceof Error ? error.message : String(error)}`);
}
