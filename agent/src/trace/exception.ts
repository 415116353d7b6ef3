// Turns whatever was thrown into OpenTelemetry's exception event.

import { ATTR } from '../otlp/names.js';
import type { SpanEvent } from '../otlp/span.js';

/** The event's name in OpenTelemetry's semantic conventions. */
const EXCEPTION_EVENT = 'exception';

/**
 * An `exception` event with type, message and stack. The message is at index 3 of the attributes.
 * @param error anything, since anything can be thrown; getters that throw are survived
 * @param timeMicros microseconds since 1970
 */
export function exceptionEvent(error: unknown, timeMicros: number): SpanEvent {
  const stack = read(error, 'stack');
  return {
    name: EXCEPTION_EVENT,
    timeMicros,
    attributes: [
      ATTR.exceptionType,
      typeName(error),
      ATTR.exceptionMessage,
      read(error, 'message') ?? describe(error),
      ...(stack === undefined ? [] : [ATTR.exceptionStack, stack]),
    ],
  };
}

/** The value of `error.type`: the error's code where it has one (`ECONNREFUSED`, SQLSTATE), else its class. */
export function errorType(error: unknown): string {
  return read(error, 'code') ?? typeName(error);
}

function typeName(error: unknown): string {
  if (typeof error !== 'object' || error === null) return typeof error;
  return read(error, 'name') ?? 'Object';
}

function read(error: unknown, property: 'name' | 'message' | 'stack' | 'code'): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  try {
    const value: unknown = (error as Record<string, unknown>)[property];
    return typeof value === 'string' && value !== '' ? value : undefined;
  } catch {
    return undefined;
  }
}

function describe(error: unknown): string {
  try {
    return String(error);
  } catch {
    return 'an object that cannot be shown';
  }
}
