// Tells a person what they must know: one line on stderr for each kind of problem, and nothing ever on stdout.

import { PROBLEMS, type ProblemCode } from './errors.js';

const told = new Set<ProblemCode>();

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
