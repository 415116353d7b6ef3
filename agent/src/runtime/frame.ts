// A stack frame as the probe found it, and whose code it is.

import { sep } from 'node:path';
import { AGENT_FOLDER } from '../place.js';
import { type CodeLocation, functionNameOf, toPath } from '../trace/code-location.js';

const NODE_MODULES = `${sep}node_modules${sep}`;
/** `function`, a star, blanks, and the bracket or name that follow it at most. */
const FUNCTION_KEYWORD = 'function'.length;
const KEYWORD_SLACK = 3;

/** Whose code a frame is: the application's, one of its dependencies', or Node's and V8's own. */
export type Owner = 'application' | 'dependency' | 'runtime';

/** One frame of running code, not mapped to its sources yet. */
export interface Frame extends CodeLocation {
  functionName: string;
  owner: Owner;
  /** Where the function begins, which tells functions without a name apart. */
  beginLine: number;
  beginColumn: number;
  /** Whether execution has only just entered the function, as far as the position tells. */
  isAtEntry: boolean;
}

/** Reads V8's frame. @returns undefined for frames of the agent */
export function readFrame(site: NodeJS.CallSite): Frame | undefined {
  const file = site.getFileName() ?? '';
  const owner = ownerOf(file);
  if (owner === undefined) return undefined;
  const functionName = functionNameOf(site);
  const line = site.getLineNumber() ?? 0;
  const column = site.getColumnNumber() ?? 0;
  const beginLine = site.getEnclosingLineNumber() ?? 0;
  const beginColumn = site.getEnclosingColumnNumber() ?? 0;
  const frame = { functionName, owner, file, line, column, beginLine, beginColumn };
  return { ...frame, isAtEntry: isAtEntry(frame, site.getFunctionName() ?? '') };
}

function ownerOf(file: string): Owner | undefined {
  if (file === '' || file.startsWith('node:') || file.startsWith('[')) return 'runtime';
  const path = toPath(file);
  if (path.startsWith(AGENT_FOLDER)) return undefined;
  return path.includes(NODE_MODULES) ? 'dependency' : 'application';
}

/**
 * V8 answers interrupts on entering a function and on going round a loop. On entry the position is the bracket
 * before the parameters: where the function begins (arrow functions, methods), or right after `function name`.
 */
function isAtEntry(frame: Omit<Frame, 'isAtEntry'>, declaredName: string): boolean {
  if (frame.line === 0 || frame.beginLine !== frame.line) return false;
  const distance = frame.column - frame.beginColumn;
  if (distance === 0) return true;
  const beyond = distance - FUNCTION_KEYWORD - declaredName.length;
  return beyond >= 0 && beyond <= KEYWORD_SLACK;
}

/** Whether two frames are of one function. */
export function isSameFunction(a: Frame, b: Frame): boolean {
  if (a.functionName !== b.functionName || a.file !== b.file) return false;
  return a.beginLine === b.beginLine && a.beginColumn === b.beginColumn;
}
