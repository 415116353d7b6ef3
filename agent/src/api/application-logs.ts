// Sends the log records that an application emits through OpenTelemetry's API: its SDK makes them, the agent encodes and
// exports.

import type { HrTime, SpanContext } from '@opentelemetry/api';
import { boundedLog } from '../logs/log-bounds.js';
import { LogBuffer, type LogsTarget } from '../logs/log-buffer.js';
import type { EmittedLog } from '../otlp/log-record.js';
import { Scope } from '../otlp/scope.js';
import { loadForApplication } from './application-module.js';
import type { LoggerProvider } from './logger-provider.js';

const PACKAGE = '@opentelemetry/sdk-logs';
const SCOPES_MAX = 256;

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
  const scopes = new Scopes();
  return {
    onEmit: (log) => buffer.add(scopes.of(log.instrumentationScope), toEmitted(log)),
    forceFlush: () => Promise.resolve(buffer.flush()),
    shutdown: () => Promise.resolve(buffer.flush()),
  };
}

/** One object per logger, since records are grouped by its identity. */
class Scopes {
  readonly #scopes = new Map<string, Scope>();

  of({ name, version = '', schemaUrl = '' }: SdkLog['instrumentationScope']): Scope {
    const key = `${name}@${version}:${schemaUrl}`;
    let scope = this.#scopes.get(key);
    if (scope === undefined) {
      if (this.#scopes.size >= SCOPES_MAX) this.#scopes.clear();
      scope = new Scope(name, version, schemaUrl);
      this.#scopes.set(key, scope);
    }
    return scope;
  }
}

function toEmitted(log: SdkLog): EmittedLog {
  const bounded = boundedLog(log.body, log.attributes);
  const { traceId = '', spanId = '', traceFlags = 0 } = log.spanContext ?? {};
  return {
    timeMicros: toMicros(log.hrTime),
    observedMicros: toMicros(log.hrTimeObserved),
    severity: log.severityNumber ?? 0,
    severityText: log.severityText ?? '',
    eventName: log.eventName ?? '',
    ...bounded,
    droppedAttributes: (log.droppedAttributesCount ?? 0) + bounded.droppedAttributes,
    traceId,
    spanId,
    traceFlags,
  };
}

function toMicros([seconds, nanos]: HrTime): number {
  return Math.round(seconds * 1e6 + nanos / 1000);
}
