// The attributes of an exception that a log record is about.

import { ATTR } from '../otlp/names.js';

/** What a logger's serializer made of an error, as far as it is read here. */
interface SerializedError {
  type?: unknown;
  name?: unknown;
  message?: unknown;
  stack?: unknown;
}

/** The attributes of the exception, and what else the error had; undefined where that is nothing. */
interface ReadError {
  exception: Record<string, unknown>;
  rest: object | undefined;
}

/**
 * Of an error as a logger has serialized it, after redaction.
 * @returns undefined where it does not look like an error
 */
export function readSerializedError(value: unknown): ReadError | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { type, name, message, stack, ...others } = value as SerializedError;
  const typeName = type ?? name;
  if (typeof message !== 'string' || (typeof typeName !== 'string' && stack === undefined)) {
    return undefined;
  }
  const exception: Record<string, unknown> = {};
  if (typeof typeName === 'string') exception[ATTR.exceptionType] = typeName;
  exception[ATTR.exceptionMessage] = message;
  if (typeof stack === 'string') exception[ATTR.exceptionStack] = stack;
  return { exception, rest: Object.keys(others).length === 0 ? undefined : others };
}

/** Of an error itself. */
export function exceptionFromError(error: Error): Record<string, unknown> {
  const attributes: Record<string, unknown> = {
    [ATTR.exceptionType]: String(error.name),
    [ATTR.exceptionMessage]: String(error.message),
  };
  if (typeof error.stack === 'string') attributes[ATTR.exceptionStack] = error.stack;
  return attributes;
}
