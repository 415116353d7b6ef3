// Sends the log records that an application emits through OpenTelemetry's API: its SDK makes them, the agent encodes and
// exports.

import type { HrTime, SpanContext } from '@opentelemetry/api';
import { storage } from '../context/store.js';
import { ByteWriter } from '../otlp/byte-writer.js';
import { type EmittedLog, encodeLog } from '../otlp/log-record.js';
import { Scope, type ScopedItems } from '../otlp/scope.js';
import { keepAttributes, weigh } from './added-attributes.js';
import { loadForApplication } from './application-module.js';
import { limits } from './limits.js';
import type { LoggerProvider } from './logger-provider.js';

const PACKAGE = '@opentelemetry/sdk-logs';
const INITIAL_BYTES = 4096;
/** Records that have come to this are sent at once. */
const BATCH_BYTES = 256 * 1024;
const SCOPES_MAX = 256;
/** A record has to fit its length on the wire. */
const BODY_BYTES_MAX = 512 * 1024;
const TOO_LARGE = '(too large to be sent)';

/** The SDK's form of a record, as far as it is read here. */
interface SdkLog {
  hrTime: HrTime;
  hrTimeObserved: HrTime;
  spanContext?: SpanContext;
  severityText?: string;
  severityNumber?: number;
  body?: unknown;
  eventName?: string;
  attributes: object;
  droppedAttributesCount?: number;
  instrumentationScope: { name: string; version?: string; schemaUrl?: string };
}

interface SdkLogs {
  LoggerProvider: new (options: {
    processors: object[];
  }) => LoggerProvider & { addLogRecordProcessor?(processor: object): void };
}

/** Where records go. */
export interface LogsTarget {
  intervalMs: number;
  /** Sends what was encoded, by scope. */
  send(scopes: readonly ScopedItems[]): void;
}

/** An application's logger provider, and the sending of what it has not sent yet. */
export interface ApplicationLogs {
  provider: LoggerProvider;
  flush(): void;
}

/** Loads the SDK and connects it to `target`; undefined where it is not installed. */
export function startLogs(target: LogsTarget): ApplicationLogs | undefined {
  const sdk = loadForApplication(PACKAGE, 'VENTURI_A023') as SdkLogs | undefined;
  if (sdk === undefined) return undefined;
  const processor = logProcessor(target);
  const provider = new sdk.LoggerProvider({ processors: [processor] });
  // Before 0.200 processors are no option.
  provider.addLogRecordProcessor?.(processor);
  return { provider, flush: () => void processor.forceFlush() };
}

/** What the SDK calls a log record processor. */
export interface LogProcessor {
  onEmit(log: SdkLog): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** Encodes records as they come; they are sent together. */
export function logProcessor(target: LogsTarget): LogProcessor {
  const buffer = new LogBuffer(target);
  return {
    onEmit: (log) => buffer.add(log),
    forceFlush: () => Promise.resolve(buffer.flush()),
    shutdown: () => Promise.resolve(buffer.flush()),
  };
}

/** Encoded records that wait for the next flush. */
class LogBuffer {
  readonly #target: LogsTarget;
  readonly #scopes = new Map<string, { scope: Scope; out: ByteWriter }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(target: LogsTarget) {
    this.#target = target;
  }

  add(log: SdkLog): void {
    const { name, version = '', schemaUrl = '' } = log.instrumentationScope;
    const key = `${name}@${version}:${schemaUrl}`;
    let entry = this.#scopes.get(key);
    if (entry === undefined) {
      if (this.#scopes.size >= SCOPES_MAX) this.flush();
      entry = { scope: new Scope(name, version, schemaUrl), out: new ByteWriter(INITIAL_BYTES) };
      this.#scopes.set(key, entry);
    }
    encodeLog(entry.out, toEmitted(log));
    if (entry.out.pos >= BATCH_BYTES) this.flush();
    else this.#timer ??= storage.run(undefined, () => this.#later());
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#scopes.size === 0) return;
    const scopes = [...this.#scopes.values()];
    this.#scopes.clear();
    this.#target.send(scopes.map(({ scope, out }) => ({ scope, items: out.bytes() })));
  }

  #later(): NodeJS.Timeout {
    return setTimeout(() => this.flush(), this.#target.intervalMs).unref();
  }
}

function toEmitted(log: SdkLog): EmittedLog {
  const { flat, dropped, weight } = keepAttributes(log.attributes, limits.attributes, isLogValue);
  const { traceId = '', spanId = '', traceFlags = 0 } = log.spanContext ?? {};
  const isTooLarge = weight > BODY_BYTES_MAX;
  return {
    timeMicros: toMicros(log.hrTime),
    observedMicros: toMicros(log.hrTimeObserved),
    severity: log.severityNumber ?? 0,
    severityText: log.severityText ?? '',
    eventName: log.eventName ?? '',
    body: bodyOf(log.body),
    attributes: isTooLarge ? [] : flat,
    droppedAttributes: (log.droppedAttributesCount ?? 0) + (isTooLarge ? flat.length / 2 : dropped),
    traceId,
    spanId,
    traceFlags,
  };
}

/** Attributes of records may hold anything that the SDK lets through: maps and bytes too. */
function isLogValue(value: unknown): boolean {
  return value !== undefined && typeof value !== 'function' && typeof value !== 'symbol';
}

function bodyOf(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) {
    return typeof body === 'string' && body.length > limits.attributeChars
      ? body.slice(0, limits.attributeChars)
      : body;
  }
  return weigh(body) > BODY_BYTES_MAX ? TOO_LARGE : body;
}

function toMicros([seconds, nanos]: HrTime): number {
  return Math.round(seconds * 1e6 + nanos / 1000);
}
