// Sends the lines of an application's loggers as OTLP log records, where an option asks for it.

import { isSuppressed } from '../context/store.js';
import type { Scope } from '../otlp/scope.js';
import { counters } from '../self/counters.js';
import { shed } from '../self/shed.js';
import { now, wallOffsetMs } from '../trace/clock.js';
import { boundedLog } from './log-bounds.js';
import { LogBuffer, type LogsTarget } from './log-buffer.js';
import type { TraceFields } from './trace-fields.js';

/** OpenTelemetry, logs data model, "SeverityNumber". */
const SEVERITY_WARN = 13;

const NO_TRACE: TraceFields = { trace_id: '', span_id: '', trace_flags: '0' };

/** A line, as its logger was about to write it. */
export interface Line {
  severity: number;
  /** The level's name in the logger. */
  severityText: string;
  body: unknown;
  attributes: Record<string, unknown>;
  /** Where it belongs; undefined outside of every trace. */
  fields: TraceFields | undefined;
}

let buffer: LogBuffer | undefined;

/** What happens to lines; set once, before the application loads. */
export const logging = {
  /** Whether lines get the ids of their span. */
  correlates: false,
  /** Whether they are also sent. Hooks that serve nothing else are not even installed where this is false. */
  forwards: false,
};

/** Sends lines from now on. */
export function startForwarding(target: LogsTarget): void {
  logging.forwards = true;
  buffer = new LogBuffer(target);
}

/** Sends what has not been sent, because the process ends. */
export function flushForwarded(): void {
  buffer?.flush();
}

/** Whether a line of the running code would be sent: never the agent's own, nor those of an exporter. */
export function wantsLines(): boolean {
  return buffer?.isOpen === true && !isSuppressed();
}

/** Whether lines of that severity are left out at present, because the agent costs too much. */
export function isShed(severity: number): boolean {
  if (!shed.lowLogs || severity >= SEVERITY_WARN) return false;
  counters.logsShed++;
  return true;
}

/** Sends a line. */
export function forward(scope: Scope, line: Line): void {
  const { trace_id, span_id, trace_flags } = line.fields ?? NO_TRACE;
  const nowMs = now();
  const micros = Math.round((wallOffsetMs(nowMs) + nowMs) * 1000);
  buffer?.add(scope, {
    timeMicros: micros,
    observedMicros: micros,
    severity: line.severity,
    severityText: line.severityText,
    eventName: '',
    ...boundedLog(line.body, line.attributes),
    traceId: trace_id,
    spanId: span_id,
    traceFlags: Number.parseInt(trace_flags, 16),
  });
}
