// The attributes of an exception that an application records.

import { ATTR } from '../otlp/names.js';

/** Attributes of OpenTelemetry's `exception` event. */
export interface ExceptionAttributes {
  [name: string]: string;
}

/**
 * Reads what was thrown as OpenTelemetry's SDK does: a code goes before the class.
 * @returns undefined where there is neither a type nor a message
 */
export function exceptionAttributes(exception: unknown): ExceptionAttributes | undefined {
  const attributes: ExceptionAttributes = {};
  try {
    if (typeof exception === 'string') attributes[ATTR.exceptionMessage] = exception;
    else if (typeof exception === 'object' && exception !== null) {
      const { code, name, message, stack } = exception as Record<string, unknown>;
      const type = code ? String(code) : name;
      if (type) attributes[ATTR.exceptionType] = String(type);
      if (message) attributes[ATTR.exceptionMessage] = String(message);
      if (stack) attributes[ATTR.exceptionStack] = String(stack);
    }
  } catch {
    // A getter of the application's threw; what was read before holds.
  }
  const isKnown = ATTR.exceptionType in attributes || ATTR.exceptionMessage in attributes;
  return isKnown ? attributes : undefined;
}
