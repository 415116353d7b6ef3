// Forwards what an application writes with console. What is printed stays as it is: it may be read by a program.

import { format } from 'node:util';
import { limits } from '../../config/limits.js';
import { forward, isShed, wantsLines } from '../../logs/forward.js';
import { severityOfName } from '../../logs/severity.js';
import { traceFields } from '../../logs/trace-fields.js';
import { Scope } from '../../otlp/scope.js';
import { tellHookFailure } from '../../self/log.js';
import { Meter, starts } from '../../self/meter.js';
import { likeOriginal } from '../like-original.js';
import { exceptionFromError } from '../log-exception.js';

const meter = new Meter('console');

/** `trace`, `assert`, `table` and `group` print through these. */
const METHODS = ['debug', 'log', 'info', 'warn', 'error'] as const;
type Method = (typeof METHODS)[number];

const scope = new Scope('console');

/** Call only where lines are forwarded. */
export function patchConsole(): void {
  for (const method of METHODS) {
    const original = console[method];
    console[method] = likeOriginal(function (this: unknown, ...args: unknown[]) {
      const result = Reflect.apply(original, this, args);
      if (wantsLines()) forwardArguments(method, args);
      return result;
    }, original);
  }
}

function forwardArguments(method: Method, args: readonly unknown[]): void {
  const sinceMs = starts();
  try {
    const severity = severityOfName(method);
    if (isShed(severity)) return;
    const error = args.find((each) => each instanceof Error);
    forward(scope, {
      severity,
      severityText: method,
      body: format(...args.map(cut)),
      attributes: error === undefined ? {} : exceptionFromError(error as Error),
      fields: traceFields(),
    });
  } catch (error) {
    // Mostly an object that throws when it is looked at.
    tellHookFailure('console', error);
  } finally {
    if (sinceMs !== 0) meter.ends(sinceMs);
  }
}

function cut(value: unknown): unknown {
  const { attributeChars } = limits;
  return typeof value === 'string' && value.length > attributeChars
    ? value.slice(0, attributeChars)
    : value;
}
