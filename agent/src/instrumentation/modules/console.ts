// Forwards what an application writes with console. What is printed stays as it is: it may be read by a program.

import { format } from 'node:util';
import { limits } from '../../config/limits.js';
import { forward, wantsLines } from '../../logs/forward.js';
import { severityOfName } from '../../logs/severity.js';
import { traceFields } from '../../logs/trace-fields.js';
import { Scope } from '../../otlp/scope.js';
import { tellHookFailure } from '../../self/log.js';
import { likeOriginal } from '../like-original.js';
import { exceptionFromError } from '../log-exception.js';

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
  try {
    const error = args.find((each) => each instanceof Error);
    forward(scope, {
      severity: severityOfName(method),
      severityText: method,
      body: format(...args.map(cut)),
      attributes: error === undefined ? {} : exceptionFromError(error as Error),
      fields: traceFields(),
    });
  } catch (error) {
    // Mostly an object that throws when it is looked at.
    tellHookFailure('console', error);
  }
}

function cut(value: unknown): unknown {
  const { attributeChars } = limits;
  return typeof value === 'string' && value.length > attributeChars
    ? value.slice(0, attributeChars)
    : value;
}
