// Finds the line of the application that made a call: the first frame outside node_modules, Node and this agent.

import { findSourceMap } from 'node:module';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ATTR } from '../otlp/names.js';
import { now } from '../trace/clock.js';
import type { Span } from '../trace/span.js';

const FRAMES_MAX = 40;
/** The first calls are always looked up, so that a rare statement has its line, and then a few. */
const FREE_CAPTURES = 3;
const INTERVAL_MS = 1000;
const AGENT_FOLDER = join(__dirname, '..') + sep;
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
    if (this.#captures < FREE_CAPTURES) {
      this.#captures++;
      return true;
    }
    const nowMs = now();
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
    return mapped(frame, file);
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

function mapped(frame: NodeJS.CallSite, file: string): CallSite {
  const path = toPath(file);
  const line = frame.getLineNumber() ?? 0;
  const site = { functionName: functionName(frame), file: path, line };
  const map = findSourceMap(file);
  if (map === undefined) return site;
  const entry = map.findEntry(line - 1, (frame.getColumnNumber() ?? 1) - 1);
  if (!('originalSource' in entry) || entry.originalSource === undefined) return site;
  return { ...site, file: toPath(entry.originalSource), line: entry.originalLine + 1 };
}

function functionName(frame: NodeJS.CallSite): string {
  const name = frame.getFunctionName() ?? '';
  const type = frame.getTypeName();
  // `Object.<anonymous>` and the like say nothing.
  if (name === '' || type === null || type === 'Object' || type === 'global') return name;
  return name.includes('.') || frame.isConstructor() ? name : `${type}.${name}`;
}

function toPath(file: string): string {
  return file.startsWith('file:') ? fileURLToPath(file) : file;
}
