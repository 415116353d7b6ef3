// Finds the line of the application that made a call: the first frame outside node_modules, Node and this agent.

import { sep } from 'node:path';
import { ATTR } from '../otlp/names.js';
import { AGENT_FOLDER } from '../place.js';
import { shed } from '../self/shed.js';
import { latest } from '../trace/clock.js';
import { functionNameOf, originalLocation, toPath } from '../trace/code-location.js';
import type { Span } from '../trace/span.js';

const FRAMES_MAX = 40;
/** The first calls are always looked up, so that a rare statement has its line, and then a few. */
const FREE_CAPTURES = 3;
const INTERVAL_MS = 1000;
const NODE_MODULES = `${sep}node_modules${sep}`;

/** A place in the application's sources. */
export interface CallSite {
  functionName: string;
  file: string;
  /** From 1. */
  line: number;
}

/** Bounds how often the site of one kind of call is looked up: a stack costs some ten microseconds. */
export class CallSiteGate {
  #captures = 0;
  #nextMs = 0;

  /** Whether to look up this time. */
  opens(): boolean {
    if (shed.comparisons) return false;
    if (this.#captures < FREE_CAPTURES) {
      this.#captures++;
      return true;
    }
    // As of the span before: nobody notices whether a line was looked up now or at the next call.
    const nowMs = latest.startMs;
    if (nowMs < this.#nextMs) return false;
    this.#nextMs = nowMs + INTERVAL_MS;
    return true;
  }
}

/** The application's frame nearest to the caller, source-mapped where the process has source maps. */
export function captureCallSite(): CallSite | undefined {
  for (const frame of captureFrames()) {
    const file = frame.getFileName() ?? '';
    if (!isApplication(file)) continue;
    const line = frame.getLineNumber() ?? 0;
    const place = originalLocation({ file, line, column: frame.getColumnNumber() ?? 0 });
    return { functionName: functionNameOf(frame), file: place.file, line: place.line };
  }
  return undefined;
}

/** Sets the `code.*` attributes. */
export function setCallSite(span: Span, site: CallSite | undefined): void {
  if (site === undefined) return;
  if (site.functionName !== '') span.setAttribute(ATTR.codeFunction, site.functionName);
  span.setAttribute(ATTR.codeFile, site.file);
  span.setAttribute(ATTR.codeLine, site.line);
}

function captureFrames(): NodeJS.CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = FRAMES_MAX;
    Error.prepareStackTrace = (_error, frames) => frames;
    const holder: { stack?: unknown } = {};
    Error.captureStackTrace(holder, captureCallSite);
    return Array.isArray(holder.stack) ? (holder.stack as NodeJS.CallSite[]) : [];
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    // Assigning undefined is not the same as never having been set: Node then skips its own formatting.
    if (prepareStackTrace === undefined) Reflect.deleteProperty(Error, 'prepareStackTrace');
    else Error.prepareStackTrace = prepareStackTrace;
  }
}

function isApplication(file: string): boolean {
  if (file === '' || file.startsWith('node:') || file.startsWith('[')) return false;
  return !file.includes(NODE_MODULES) && !toPath(file).startsWith(AGENT_FOLDER);
}
