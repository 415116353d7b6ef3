// Gives pino's lines the ids of their span, and forwards them as pino has written them, after redaction.

import { hostname } from 'node:os';
import { forward, isShed, logging, wantsLines } from '../../logs/forward.js';
import { severityOfName, severityOfNumber } from '../../logs/severity.js';
import { type TraceFields, traceFields } from '../../logs/trace-fields.js';
import { Scope } from '../../otlp/scope.js';
import { tellHookFailure } from '../../self/log.js';
import { Meter, starts } from '../../self/meter.js';
import type { Library } from '../library.js';
import { likeOriginal } from '../like-original.js';
import { readSerializedError } from '../log-exception.js';

/** What is longer is sent as text: reading it would hold up the loop. */
const meter = new Meter('pino');

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

/** The symbols of a copy of pino, under which its loggers keep what is read here. */
interface Symbols {
  /** Of a child logger, as JSON. */
  chindingsSym: symbol;
  messageKeySym: symbol;
  /** Not in pino 7. */
  errorKeySym?: symbol;
  nestedKeySym: symbol;
  formattersSym: symbol;
  stringifiersSym: symbol;
  serializersSym: symbol;
  /** Among the stringifiers. */
  wildcardFirstSym: symbol;
}

/** What a logger keeps per field. */
interface Shape {
  [name: string | symbol]: unknown;
}

/** Pino, also inside of Fastify. Its transports run in workers; lines are seen before they go there. */
export const pino: Library = {
  name: 'pino',
  versions: '>=7.0.0 <11',
  poolWait: '',
  testedWith: 'itself, and inside Fastify',
  patches: [
    { packageName: 'pino', file: 'lib/symbols.js', patch: takeSymbols },
    { packageName: 'pino', file: 'lib/tools.js', patch: patchTools },
  ],
};

let latestSymbols: Symbols | undefined;

/** They are loaded right before what uses them. */
function takeSymbols(symbols: Symbols): void {
  latestSymbols = symbols;
}

/** `asJson` is called for lines whose level is enabled only, and returns what is written. */
function patchTools(tools: Tools, version: string): void {
  const original = tools.asJson;
  const scope = new Scope('pino', version);
  const symbols = latestSymbols;
  if (symbols === undefined) throw new Error('no symbols');
  tools.asJson = likeOriginal(
    function asJson(this: Logger, object, message, level, time) {
      const fields = traceFields();
      let line: string;
      if (fields === undefined || hasOwnTrace(this, object, symbols)) {
        line = original.call(this, object, message, level, time);
      } else if (isPlain(this, symbols)) {
        // What is already JSON costs nothing to write, and it stands where a line has its own fields.
        line = original.call(this, object, message, level, time + fields.json);
      } else {
        const { trace_id, span_id, trace_flags } = fields;
        const logged = { trace_id, span_id, trace_flags, ...object };
        line = original.call(this, logged, message, level, time);
      }
      if (logging.forwards && wantsLines()) {
        forwardLine({ logger: this, line, level, time, fields, symbols, scope });
      }
      return line;
    } as AsJson,
    original,
  );
}

/** Whether the line, or the child logger, is bound to a trace already. */
function hasOwnTrace(logger: Logger, object: object, { chindingsSym }: Symbols): boolean {
  if ((object as Partial<TraceFields>).trace_id !== undefined) return true;
  const bound = logger[chindingsSym];
  return typeof bound === 'string' && bound.includes('"trace_id":');
}

/** Whether nothing of the application's changes what a line holds: formatters, a key for all of it, redaction. */
function isPlain(logger: Logger, symbols: Symbols): boolean {
  const stringifiers = logger[symbols.stringifiersSym] as Shape | undefined;
  return (
    (logger[symbols.formattersSym] as { log?: unknown } | undefined)?.log === undefined &&
    !logger[symbols.nestedKeySym] &&
    stringifiers !== undefined &&
    stringifiers.trace_id === undefined &&
    stringifiers.span_id === undefined &&
    stringifiers[symbols.wildcardFirstSym] === undefined &&
    (logger[symbols.serializersSym] as Shape | undefined)?.trace_id === undefined
  );
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
  const sinceMs = starts();
  try {
    const { logger, level, fields } = written;
    const severityText = logger.levels?.labels?.[level] ?? '';
    const severity = severityOfName(severityText) || severityOfNumber(level);
    if (isShed(severity)) return;
    forward(written.scope, { severity, severityText, fields, ...contentOf(written) });
  } catch (error) {
    tellHookFailure('pino', error);
  } finally {
    if (sinceMs !== 0) meter.ends(sinceMs);
  }
}

/** Message and attributes, without what the record says elsewhere. */
function contentOf(written: WrittenLine): { body: unknown; attributes: Record<string, unknown> } {
  const { logger, line, time, fields, symbols } = written;
  const record = line.length > LINE_CHARS_MAX ? undefined : parse(line);
  if (record === undefined) return { body: line.trimEnd(), attributes: {} };
  const messageKey = keyOf(logger, symbols.messageKeySym, 'msg');
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
  const errorKey = keyOf(logger, symbols.errorKeySym, 'err');
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
