// What is said of a Redis command: its name and how many arguments it has, never what they are.

import { ATTR } from '../otlp/names.js';
import { describeStatement, type Statement } from './sql.js';
import { fail, type StatementRun } from './statement-run.js';

/**
 * Keys are left out like values, because they hold them (`session:<token>`, `user:<e-mail>`); what a command does is
 * told by its name. So a text repeats for all calls of a command with as many arguments, and is encoded once.
 */
const ARGUMENTS_SHOWN_MAX = 8;
/** Commands of modules and scripts make names of their own. */
const NAMES_MAX = 512;

/** How a command is sent: alone, inside MULTI, or in a pipeline. */
export type Sending = '' | 'MULTI ' | 'PIPELINE ';

/** By name and sending, then by the number of arguments. */
const known: Record<Sending, Map<string, (Statement | undefined)[]>> = {
  '': new Map(),
  'MULTI ': new Map(),
  'PIPELINE ': new Map(),
};

/**
 * Looks a command up, or describes it: the span `get`, the operation `get` or `MULTI get`, the text `get ?`.
 * @param name as the library spells it
 * @param count of its arguments
 */
export function redisCommandOf(name: string, count: number, sending: Sending): Statement {
  const byName = known[sending];
  let byCount = byName.get(name);
  if (byCount === undefined) {
    if (byName.size >= NAMES_MAX) byName.clear();
    byCount = [];
    byName.set(name, byCount);
  }
  const shown = Math.min(count, ARGUMENTS_SHOWN_MAX + 1);
  let command = byCount[shown];
  if (command === undefined) {
    command = describe(name, shown, sending);
    byCount[shown] = command;
  }
  return command;
}

function describe(name: string, shown: number, sending: Sending): Statement {
  const marks = ' ?'.repeat(Math.min(shown, ARGUMENTS_SHOWN_MAX));
  const text = `${name}${marks}${shown > ARGUMENTS_SHOWN_MAX ? ' ...' : ''}`;
  const operation = `${sending}${name}`;
  return describeStatement({ text, operation, collection: '', spanName: name, isPipelined: true });
}

/** Ends a command with an error; what Redis answers begins with the kind of it: `WRONGTYPE Operation against …`. */
export function failCommand(run: StatementRun, error: unknown): void {
  const kind = error instanceof Error ? /^[A-Z][A-Z\d_]+(?= )/.exec(error.message) : null;
  if (kind !== null) run.span.setAttribute(ATTR.errorType, kind[0]);
  fail(run, error);
}
