// What servers of every HTTP version do alike: start the entry span of a request, and end it with its answer.

import { ATTR, SpanKind } from '../otlp/names.js';
import { errorType } from '../trace/exception.js';
import { ABORTED } from '../trace/in-flight.js';
import { incomingBaggage, parseTraceparent } from '../trace/propagation.js';
import type { EntrySpan } from '../trace/span.js';
import { startEntry } from '../trace/tracer.js';
import { type CallerConnection, type CallerHeaders, callerAttributes } from './caller.js';
import { leaveStep } from './slow-step.js';

const STATUS_FAILED_MIN = 500;

/** What is needed of a request. */
export interface EntryRequest extends CallerHeaders {
  /** With its query, which is not recorded. */
  url: string;
  traceparent: string | undefined;
  traceState: string | undefined;
  baggage: string;
}

/** Starts the entry span of a request. The caller ties it to the request. */
export function openEntry(
  request: EntryRequest,
  connection: CallerConnection,
  scheme: 'http' | 'https',
): EntrySpan {
  const remote = parseTraceparent(request.traceparent, request.traceState);
  const path = pathOf(request.url);
  const entry = startEntry({ name: request.method, kind: SpanKind.SERVER }, remote, path);
  entry.method = request.method;
  entry.commonAttributes = callerAttributes(connection, request, scheme);
  entry.setAttribute(ATTR.urlPath, path);
  if (request.baggage !== '' && incomingBaggage.contextOf !== undefined) {
    entry.context = incomingBaggage.contextOf(entry, request.baggage);
  }
  return entry;
}

/**
 * Says on the entry span how its request was answered. Ending it is left to the caller.
 * @param status 0 where no answer was sent
 * @param isAborted whether the connection or stream ended before the answer did
 */
export function noteAnswer(entry: EntrySpan, status: number, isAborted: boolean): void {
  leaveStep(entry);
  if (status !== 0) entry.httpStatus = status;
  if (status >= STATUS_FAILED_MIN) {
    const thrown = entry.lastException;
    entry.setError(entry.exceptionMessage);
    const type = thrown === undefined ? String(status) : errorType(thrown);
    if (!entry.hasAttribute(ATTR.errorType)) entry.setAttribute(ATTR.errorType, type);
  } else if (isAborted && !entry.hasAttribute(ATTR.errorType)) {
    entry.setAttribute(ATTR.errorType, ABORTED);
  }
}

function pathOf(url: string): string {
  const at = url.indexOf('?');
  return at === -1 ? url : url.slice(0, at);
}
