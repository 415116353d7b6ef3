// Gives pino's lines the ids of their span, and forwards them as pino has written them, after redaction.

import { hostname } from 'node:os';
import { forward, logging, wantsLines } from '../../logs/forward.js';
import { severityOfName, severityOfNumber } from '../../logs/severity.js';
import { type TraceFields, traceFields } from '../../logs/trace-fields.js';
import { Scope } from '../../otlp/scope.js';
import { tellHookFailure } from '../../self/log.js';
import type { Library } from '../library.js';
import { likeOriginal } from '../like-original.js';
import { readSerializedError } from '../log-exception.js';

/** What is longer is sent as text: reading it would hold up the loop. */
const LINE_CHARS_MAX = 128 * 1024;

interface Logger {
  levels?: { labels?: Record<number, string> };
  [symbol: symbol]: unknown;
}

/** A line in the making: what is logged, the formatted message, the level and `,"time":...`. */
type AsJson = (this: Logger, ...line: [object, unknown, number, string]) => string;

interface Tools {
  asJson: AsJson;
}

/** The symbols under which a copy of pino keeps what is read here, found on its first logger. */
interface Symbols {
  bindings: symbol | undefined;
  messageKey: symbol | undefined;
  errorKey: symbol | undefined;
}

/** Pino, also inside of Fastify. Its transports run in workers; lines are seen before they go there. */
export const pino: Library = {
  name: 'pino',
  versions: '>=7.0.0 <11',
  poolWait: '',
  testedWith: 'itself, and inside Fastify',
  patches: [{ packageName: 'pino', file: 'lib/tools.js', patch: patchTools }],
};

/** `asJson` is called for lines whose level is enabled only, and returns what is written. */
function patchTools(tools: Tools, version: string): void {
  const original = tools.asJson;
  const scope = new Scope('pino', version);
  let symbols: Symbols | undefined;
  tools.asJson = likeOriginal(
    function asJson(this: Logger, object, message, level, time) {
      symbols ??= symbolsOf(this);
      const fields = traceFields();
      const logged =
        fields === undefined || hasOwnTrace(this, object, symbols)
          ? object
          : // What the application gives under these names counts, as with a mixin.
            {
              trace_id: fields.trace_id,
              span_id: fields.span_id,
              trace_flags: fields.trace_flags,
              ...object,
            };
      const line = original.call(this, logged, message, level, time);
      if (logging.forwards && wantsLines()) {
        try {
          forwardLine({ logger: this, line, level, time, fields, symbols, scope });
        } catch (error) {
          tellHookFailure('pino', error);
        }
      }
      return line;
    } as AsJson,
    original,
  );
}

/** Whether the line, or the child logger, is bound to a trace already. */
function hasOwnTrace(logger: Logger, object: object, { bindings }: Symbols): boolean {
  if ((object as Partial<TraceFields>).trace_id !== undefined) return true;
  const bound = bindings === undefined ? undefined : logger[bindings];
  return typeof bound === 'string' && bound.includes('"trace_id":');
}

interface WrittenLine {
  logger: Logger;
  line: string;
  level: number;
  time: string;
  fields: TraceFields | undefined;
  symbols: Symbols;
  scope: Scope;
}

function forwardLine(written: WrittenLine): void {
  const { logger, level, fields } = written;
  const severityText = logger.levels?.labels?.[level] ?? '';
  const severity = severityOfName(severityText) || severityOfNumber(level);
  forward(written.scope, { severity, severityText, fields, ...contentOf(written) });
}

/** Message and attributes, without what the record says elsewhere. */
function contentOf(written: WrittenLine): { body: unknown; attributes: Record<string, unknown> } {
  const { logger, line, time, fields, symbols } = written;
  const record = line.length > LINE_CHARS_MAX ? undefined : parse(line);
  if (record === undefined) return { body: line.trimEnd(), attributes: {} };
  const messageKey = keyOf(logger, symbols.messageKey, 'msg');
  const body = record[messageKey];
  delete record[messageKey];
  // As long as they are pino's own.
  if (time === `,"time":${JSON.stringify(record.time)}`) delete record.time;
  if (record.level === written.level || record.level === logger.levels?.labels?.[written.level]) {
    delete record.level;
  }
  if (record.pid === process.pid) delete record.pid;
  if (record.hostname === hostname()) delete record.hostname;
  if (record.trace_id === fields?.trace_id) {
    delete record.trace_id;
    delete record.span_id;
    delete record.trace_flags;
  }
  const errorKey = keyOf(logger, symbols.errorKey, 'err');
  const error = readSerializedError(record[errorKey]);
  if (error === undefined) return { body, attributes: record };
  if (error.rest === undefined) delete record[errorKey];
  else record[errorKey] = error.rest;
  return { body, attributes: { ...record, ...error.exception } };
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null
      ? (parsed as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function keyOf(logger: Logger, symbol: symbol | undefined, fallback: string): string {
  const key = symbol === undefined ? undefined : logger[symbol];
  return typeof key === 'string' ? key : fallback;
}

function symbolsOf(logger: Logger): Symbols {
  const found = new Map<string | undefined, symbol>();
  for (let at: object | null = logger; at !== null; at = Object.getPrototypeOf(at)) {
    for (const symbol of Object.getOwnPropertySymbols(at)) found.set(symbol.description, symbol);
  }
  return {
    bindings: found.get('pino.chindings'),
    messageKey: found.get('pino.messageKey'),
    errorKey: found.get('pino.errorKey'),
  };
}
