// Gives winston's records the ids of their span, and forwards them as the logger's format has left them.

import { forward, isShed, logging, wantsLines } from '../../logs/forward.js';
import { severityOfName } from '../../logs/severity.js';
import { type TraceFields, traceFields } from '../../logs/trace-fields.js';
import { ATTR } from '../../otlp/names.js';
import { Scope } from '../../otlp/scope.js';
import { tellHookFailure } from '../../self/log.js';
import { Meter, starts } from '../../self/meter.js';
import type { Library } from '../library.js';
import { likeOriginal } from '../like-original.js';
import { exceptionFromError } from '../log-exception.js';

/** Those of `triple-beam`, by which winston and its formats know each other. */
const meter = new Meter('winston');

const LEVEL = Symbol.for('level');
const SPLAT = Symbol.for('splat');

/** One record on its way through winston. */
interface Info extends Partial<TraceFields> {
  level?: unknown;
  message?: unknown;
  stack?: unknown;
  [LEVEL]?: string;
  [SPLAT]?: readonly unknown[];
  [name: string]: unknown;
}

interface LoggerPrototype {
  write: (this: Logger, info: unknown, encoding?: unknown, callback?: unknown) => boolean;
  push: (this: Logger, info: unknown, ...rest: unknown[]) => boolean;
}

interface Logger extends LoggerPrototype {
  isLevelEnabled(level: unknown): boolean;
  silent?: boolean;
}

/** Records with ids of ours: an application may log the same object again, elsewhere. */
const marked = new WeakSet<object>();

/** Transports have formats of their own, behind what is seen here. */
export const winston: Library = {
  name: 'winston',
  versions: '>=3.2.0 <4',
  poolWait: '',
  testedWith: 'itself',
  bundleMark: 'Attempt to write logs with no transports',
  patches: [{ packageName: 'winston', file: 'lib/winston/logger.js', patch: patchLogger }],
};

function patchLogger(Logger: { prototype: LoggerPrototype }, version: string): void {
  const { prototype } = Logger;
  const { write } = prototype;
  prototype.write = likeOriginal(
    function (this: Logger, info, encoding, callback) {
      if (typeof info === 'object' && info !== null) {
        try {
          addFields(this, info as Info);
        } catch (error) {
          // Frozen, or with a getter that throws.
          tellHookFailure('winston', error);
        }
      }
      return write.call(this, info, encoding, callback);
    } as LoggerPrototype['write'],
    write,
  );
  if (logging.forwards) patchPush(prototype, new Scope('winston', version));
}

/** What the format has made of a record is pushed to the transports. */
function patchPush(prototype: LoggerPrototype, scope: Scope): void {
  const { push } = prototype;
  prototype.push = likeOriginal(
    function (this: Logger, info, ...rest) {
      if (typeof info === 'object' && info !== null) forwardInfo(this, info as Info, scope);
      return Reflect.apply(push, this, [info, ...rest]) as boolean;
    } as LoggerPrototype['push'],
    push,
  );
}

/** Looks at the level, because winston itself does so only in its transports, when the formats are done. */
function addFields(logger: Logger, record: Info): void {
  const isBound = record.trace_id !== undefined;
  // What came with the application's own id keeps it.
  if (isBound && !marked.has(record)) return;
  const fields = traceFields();
  if (fields !== undefined) {
    if (logger.silent === true || !logger.isLevelEnabled(record[LEVEL] ?? record.level)) return;
    // On the record itself: copies of objects with symbols cost 6 µs, and winston writes to it as well.
    record.trace_id = fields.trace_id;
    record.span_id = fields.span_id;
    record.trace_flags = fields.trace_flags;
    marked.add(record);
  } else if (isBound) {
    delete record.trace_id;
    delete record.span_id;
    delete record.trace_flags;
  }
}

function forwardInfo(logger: Logger, info: Info, scope: Scope): void {
  const sinceMs = starts();
  try {
    const name = info[LEVEL] ?? info.level;
    if (!wantsLines() || !logger.isLevelEnabled(name)) return;
    const severityText = String(name);
    const severity = severityOfName(severityText);
    if (isShed(severity)) return;
    const fields = fieldsOf(info) ?? traceFields();
    const { level, message, stack, trace_id, span_id, trace_flags, ...others } = info;
    const attributes = { ...others, ...exceptionOf(info) };
    forward(scope, {
      severity,
      severityText,
      body: message,
      attributes,
      fields,
    });
  } catch (error) {
    tellHookFailure('winston', error);
  } finally {
    if (sinceMs !== 0) meter.ends(sinceMs);
  }
}

/** A record may have waited in the stream, in which case only itself knows where it came from. */
function fieldsOf({ trace_id, span_id, trace_flags }: Info): TraceFields | undefined {
  const isWhole =
    typeof trace_id === 'string' && typeof span_id === 'string' && typeof trace_flags === 'string';
  const isHex = isWhole && /^[0-9a-f]{32}$/.test(trace_id) && /^[0-9a-f]{16}$/.test(span_id);
  return isHex ? { trace_id, span_id, trace_flags } : undefined;
}

/** What the format has left of an error; of one beside the message only the class, unless the message shows the rest. */
function exceptionOf(info: Info): Record<string, unknown> {
  if (info instanceof Error) return exceptionFromError(info);
  const splat = info[SPLAT];
  const beside = Array.isArray(splat) ? splat.find((each) => each instanceof Error) : undefined;
  const attributes: Record<string, unknown> = {};
  if (beside !== undefined) {
    attributes[ATTR.exceptionType] = String(beside.name);
    if (String(info.message).includes(beside.message)) {
      attributes[ATTR.exceptionMessage] = beside.message;
    }
  }
  if (typeof info.stack === 'string') attributes[ATTR.exceptionStack] = info.stack;
  return attributes;
}
