// Gives winston's records the ids of their span, and forwards them as the logger's format has left them.

import { forward, logging, wantsLines } from '../../logs/forward.js';
import { severityOfName } from '../../logs/severity.js';
import { type TraceFields, traceFields } from '../../logs/trace-fields.js';
import { ATTR } from '../../otlp/names.js';
import { Scope } from '../../otlp/scope.js';
import { tellHookFailure } from '../../self/log.js';
import type { Library } from '../library.js';
import { likeOriginal } from '../like-original.js';
import { exceptionFromError } from '../log-exception.js';

/** Those of `triple-beam`, by which winston and its formats know each other. */
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
  write: (this: Logger, info: unknown, ...rest: unknown[]) => boolean;
  push: (this: Logger, info: unknown, ...rest: unknown[]) => boolean;
}

interface Logger extends LoggerPrototype {
  isLevelEnabled(level: unknown): boolean;
  silent?: boolean;
}

/** Records that are not plain objects, such as errors, and got ids of ours; they may be logged again elsewhere. */
const marked = new WeakSet<object>();

/** Transports have formats of their own, behind what is seen here. */
export const winston: Library = {
  name: 'winston',
  versions: '>=3.2.0 <4',
  poolWait: '',
  testedWith: 'itself',
  patches: [{ packageName: 'winston', file: 'lib/winston/logger.js', patch: patchLogger }],
};

function patchLogger(Logger: { prototype: LoggerPrototype }, version: string): void {
  const { prototype } = Logger;
  const { write } = prototype;
  prototype.write = likeOriginal(
    function (this: Logger, info, ...rest) {
      return Reflect.apply(write, this, [withFields(this, info), ...rest]) as boolean;
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

/** Looks at the level first, because winston itself does so only in its transports. */
function withFields(logger: Logger, info: unknown): unknown {
  const fields = traceFields();
  if (fields === undefined || typeof info !== 'object' || info === null) return info;
  try {
    const record = info as Info;
    if (record.trace_id !== undefined && !marked.has(record)) return info;
    if (logger.silent === true || !logger.isLevelEnabled(record[LEVEL] ?? record.level))
      return info;
    // A plain object may be the application's own, which is left as it is.
    if (Object.getPrototypeOf(record) === Object.prototype) {
      return {
        ...record,
        trace_id: fields.trace_id,
        span_id: fields.span_id,
        trace_flags: fields.trace_flags,
      };
    }
    marked.add(record);
    return Object.assign(record, fields);
  } catch (error) {
    tellHookFailure('winston', error);
    return info;
  }
}

function forwardInfo(logger: Logger, info: Info, scope: Scope): void {
  try {
    const name = info[LEVEL] ?? info.level;
    if (!wantsLines() || !logger.isLevelEnabled(name)) return;
    const severityText = String(name);
    const fields = fieldsOf(info) ?? traceFields();
    const { level, message, stack, trace_id, span_id, trace_flags, ...others } = info;
    const attributes = { ...others, ...exceptionOf(info) };
    forward(scope, {
      severity: severityOfName(severityText),
      severityText,
      body: message,
      attributes,
      fields,
    });
  } catch (error) {
    tellHookFailure('winston', error);
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
