// Finds out which version of OpenTelemetry's API a copy is that calls us: from its package, or from its text where it
// has been bundled.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AGENT_FOLDER } from '../place.js';
import { toPath } from '../trace/code-location.js';

const API_PACKAGE = '@opentelemetry/api';
/** `dist/internal/global-utils.cjs` and `build/src/internal/global-utils.js` lie up to three folders deep. */
const FOLDERS_MAX = 5;
const FRAMES = 6;

/** `VERSION = '1.9.0'`, and from 1.10 on `api.version !== '1.10.0'`. */
const CONSTANT = /(?:\bVERSION\s*=|\.version\s*!==?)\s*["'`](1\.\d+\.\d+)["'`]/g;
/** What a minifier made of `VERSION.split('.')[0]` before the API's key: the name that it gave the constant. */
const RENAMED = /([\w$]+)\.split\(["'`]\.["'`]\)\[0\](?=[\s\S]{0,200}opentelemetry\.js\.api\.)/;

/** Who calls. */
export interface CallerVersion {
  /** Undefined where it can't be told. */
  version: string | undefined;
  /** The file, for a message. */
  place: string;
}

/** The version of the copy of the API in which the first frame below the agent is. */
export function versionOfCaller(): CallerVersion {
  const place = toPath(callingFile());
  return { version: versionOfPackage(place) ?? versionInText(place), place };
}

function callingFile(): string {
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = FRAMES;
    Error.prepareStackTrace = (_error, frames) => frames;
    const { stack } = new Error() as { stack?: unknown };
    const files = Array.isArray(stack)
      ? (stack as NodeJS.CallSite[]).map((frame) => frame.getFileName() ?? '')
      : [];
    return files.find((file) => file !== '' && !toPath(file).startsWith(AGENT_FOLDER)) ?? '';
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    // Assigning undefined is not the same as never having been set: Node then skips its own formatting.
    if (prepareStackTrace === undefined) Reflect.deleteProperty(Error, 'prepareStackTrace');
    else Error.prepareStackTrace = prepareStackTrace;
  }
}

function versionOfPackage(file: string): string | undefined {
  let folder = dirname(file);
  for (let i = 0; i < FOLDERS_MAX; i++) {
    const { name, version } = readPackage(join(folder, 'package.json'));
    if (typeof version === 'string') return name === API_PACKAGE ? version : undefined;
    folder = dirname(folder);
  }
  return undefined;
}

function readPackage(path: string): { name?: unknown; version?: unknown } {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { name?: unknown; version?: unknown };
  } catch {
    return {};
  }
}

function versionInText(file: string): string | undefined {
  const text = readText(file);
  const found = new Set([...text.matchAll(CONSTANT)].map((match) => match[1] as string));
  const renamed = RENAMED.exec(text)?.[1];
  if (found.size === 0 && renamed !== undefined) {
    const name = renamed.replaceAll('$', '\\$');
    const assigned = new RegExp(`(?<![\\w$.])${name}\\s*=\\s*["'\`](1\\.\\d+\\.\\d+)["'\`]`, 'g');
    for (const match of text.matchAll(assigned)) found.add(match[1] as string);
  }
  return found.size === 1 ? [...found][0] : undefined;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
