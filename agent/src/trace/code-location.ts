// Where a stack frame is: the name of its function, and its place in the sources as they were written.

import { findSourceMap, type SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Parsed source maps that are kept; parsing one may take milliseconds. */
const MAPS_MAX = 64;

/** A place in a file. Line and column count from 1; 0 where unknown. */
export interface CodeLocation {
  /** A path, `node:...`, or '' for built-in functions. */
  file: string;
  line: number;
  column: number;
}

const maps = new Map<string, SourceMap | undefined>();

/** The function's name as a person would say it: `handler`, `Cart.total`, or '' where it has none. */
export function functionNameOf(frame: NodeJS.CallSite): string {
  const name = frame.getFunctionName() ?? '';
  const type = frame.getTypeName();
  // `Object.<anonymous>` and the like say nothing.
  if (name === '' || type === null || type === 'Object' || type === 'global') return name;
  return name.includes('.') || frame.isConstructor() ? name : `${type}.${name}`;
}

/**
 * Finds a place of the running code in its sources, where the process has source maps enabled (tsx,
 * `--enable-source-maps`); elsewhere only a `file:` URL becomes a path.
 */
export function originalLocation(running: CodeLocation): CodeLocation {
  const here = { ...running, file: toPath(running.file) };
  if (running.line === 0 || running.file === '' || running.file.startsWith('node:')) return here;
  const entry = sourceMapOf(running.file)?.findEntry(running.line - 1, running.column - 1);
  if (entry === undefined || !('originalSource' in entry)) return here;
  const { originalSource, originalLine, originalColumn } = entry;
  if (typeof originalSource !== 'string' || originalSource === '') return here;
  return { file: toPath(originalSource), line: originalLine + 1, column: originalColumn + 1 };
}

/** The path of a `file:` URL without its query; anything else as it is. */
export function toPath(file: string): string {
  if (!file.startsWith('file:')) return file;
  try {
    return fileURLToPath(file);
  } catch {
    return file;
  }
}

function sourceMapOf(file: string): SourceMap | undefined {
  if (maps.has(file)) return maps.get(file);
  if (maps.size >= MAPS_MAX) maps.clear();
  let map: SourceMap | undefined;
  try {
    map = findSourceMap(file);
  } catch {
    // A map that cannot be read is no map.
  }
  maps.set(file, map);
  return map;
}
