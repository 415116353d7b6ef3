// Reads what callers of the API send, field by field; anything else is BAD_REQUEST with the field's name.
import { VenturiError } from '../self/errors.js';

interface Ask {
  dashboard: string;
  fromMs: number;
  toMs: number;
  intervalMs: number;
  variables: Record<string, string>;
}

const variablesMax = 20;
const defaultWindowMs = 15 * 60_000;

/** `{dashboard, panelId, refId, from, to, intervalMs, variables}`; times in milliseconds since the epoch. */
export function panelRequest(body: unknown): Ask & { panelId: number; refId: string } {
  const fields = recordOf(body);
  const panelId = integer(fields, 'panelId');
  return { ...ask(fields), panelId, refId: text(fields, 'refId') };
}

/** `{dashboard, name, from, to, variables}`; the step that its query would use is one second. */
export function variableRequest(body: unknown): Ask & { name: string } {
  const fields = recordOf(body);
  return { ...ask({ intervalMs: 1000, ...fields }), name: text(fields, 'name') };
}

/** `from` and `to` of a query string in milliseconds since the epoch; the last fifteen minutes where absent. */
export function windowOf(
  query: Record<string, unknown>,
  nowMs: number,
): { from: number; to: number } {
  const to = query.to === undefined ? nowMs : numberIn(query, 'to');
  const from = query.from === undefined ? to - defaultWindowMs : numberIn(query, 'from');
  if (from >= to) throw bad('from must lie before to');
  return { from, to };
}

function ask(fields: Record<string, unknown>): Ask {
  return {
    dashboard: text(fields, 'dashboard'),
    fromMs: integer(fields, 'from'),
    toMs: integer(fields, 'to'),
    intervalMs: integer(fields, 'intervalMs'),
    variables: variablesOf(fields.variables ?? {}),
  };
}

function variablesOf(value: unknown): Record<string, string> {
  const entries = Object.entries(recordOf(value));
  if (entries.length > variablesMax) throw bad(`variables has more than ${variablesMax} entries`);
  for (const [name, one] of entries) {
    if (typeof one !== 'string') throw bad(`variables.${name} is not a string`);
  }
  return Object.fromEntries(entries) as Record<string, string>;
}

function recordOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw bad('the body is not a JSON object with Content-Type application/json');
  }
  return value as Record<string, unknown>;
}

function text(fields: Record<string, unknown>, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string' || value === '') throw bad(`${name} is not a text`);
  return value;
}

function integer(fields: Record<string, unknown>, name: string): number {
  const value = fields[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    throw bad(`${name} is not a whole number`);
  }
  return value;
}

function numberIn(query: Record<string, unknown>, name: string): number {
  const value = query[name];
  if (typeof value !== 'string' || !/^\d{1,15}$/.test(value)) {
    throw bad(`${name} is not a time in milliseconds since the epoch`);
  }
  return Number(value);
}

function bad(detail: string): VenturiError {
  return new VenturiError('BAD_REQUEST', { detail });
}
