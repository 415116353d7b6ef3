// Finds, among the samples of a stall, the function that blocked the loop and the request that ran it.

import { originalLocation } from '../trace/code-location.js';
import type { EntrySpan } from '../trace/span.js';
import { type Frame, isSameFunction, type Owner } from './frame.js';
import { entryOf, type WeighedSample } from './segments.js';

const STACK_FRAMES_MAX = 32;
/** V8 answers within a millisecond or two; an answer this late came only when a native function had returned. */
const LATE_MS = 12;

/** Who blocked the loop. */
export interface Blame {
  functionName: string;
  file: string;
  line: number;
  /** Lines as in V8's stacks, source-mapped. */
  stack: string;
  /** Whether most of the time went in native code that the function called. */
  isNative: boolean;
}

/**
 * The blamed function is the deepest one of the application that was on the stack for more than half of the time;
 * where the application was not on it, the deepest of a dependency, or of Node. Its line is where it was longest.
 * @returns undefined where nothing was seen
 */
export function blame(samples: readonly WeighedSample[]): Blame | undefined {
  const owner = ownerToBlame(samples);
  const stacks = samples
    .map((sample) => ({ ...sample, suspects: suspects(sample, owner) }))
    .filter(({ suspects }) => suspects.length > 0);
  const chosen = deepestOfMost(stacks);
  if (chosen === undefined) return undefined;
  const seen = stacks.filter(onStack(chosen));
  const worst = mostTimeAt(seen, chosen);
  const { file, line } = originalLocation(worst.frame);
  return {
    functionName: chosen.functionName,
    file,
    line,
    stack: formatStack(worst.sample.frames),
    isNative: sum(samples.filter(isLate)) > sum(samples) / 2,
  };
}

/**
 * The deepest frame that was on the stack for more than half of the time, whichever sample shows it: the heaviest one
 * may have come when the function had just returned. Where none was, what the heaviest shows.
 */
function deepestOfMost(stacks: readonly Stack[]): Frame | undefined {
  const totalMs = sum(stacks);
  const byWeight = [...stacks].sort((a, b) => b.weightMs - a.weightMs);
  let deepest: { frame: Frame; depth: number } | undefined;
  for (const { suspects } of byWeight) {
    const at = suspects.findIndex((frame) => sum(stacks.filter(onStack(frame))) > totalMs / 2);
    const depth = suspects.length - at;
    if (at >= 0 && depth > (deepest?.depth ?? 0)) deepest = { frame: suspects[at] as Frame, depth };
  }
  return deepest?.frame ?? byWeight[0]?.suspects[0];
}

/** The request that was running for most of the time. */
export function blamedEntry(samples: readonly WeighedSample[]): EntrySpan | undefined {
  const byEntry = new Map<EntrySpan | undefined, number>();
  for (const sample of samples) {
    const entry = entryOf(sample);
    byEntry.set(entry, (byEntry.get(entry) ?? 0) + sample.weightMs);
  }
  return [...byEntry].sort((a, b) => b[1] - a[1])[0]?.[0];
}

interface Stack extends WeighedSample {
  /** The frames that may be blamed, the deepest first. */
  suspects: Frame[];
}

function ownerToBlame(samples: readonly WeighedSample[]): Owner {
  const has = (owner: Owner): boolean =>
    samples.some(({ frames }) => frames.some((frame) => frame.owner === owner));
  if (has('application')) return 'application';
  return has('dependency') ? 'dependency' : 'runtime';
}

/**
 * A late answer shows the first function that was *entered* after the native one had returned: it has done nothing
 * yet, and the native call was its caller's.
 */
function suspects(sample: WeighedSample, owner: Owner): Frame[] {
  const isInnocent = isLate(sample) && sample.frames[0]?.isAtEntry === true;
  const below = isInnocent ? sample.frames.slice(1) : sample.frames;
  const frames = below.filter((frame) => frame.owner === owner);
  return frames.length > 0 ? frames : sample.frames.filter((frame) => frame.owner === owner);
}

function isLate(sample: WeighedSample): boolean {
  return sample.lateMs >= LATE_MS;
}

function onStack(wanted: Frame): (stack: Stack) => boolean {
  return ({ suspects }) => suspects.some((frame) => isSameFunction(frame, wanted));
}

/** The line at which the function was seen longest, and the heaviest sample that shows it there. */
function mostTimeAt(seen: readonly Stack[], wanted: Frame): { frame: Frame; sample: Stack } {
  const byLine = new Map<number, { ms: number; frame: Frame; sample: Stack }>();
  for (const sample of seen) {
    const frame = sample.suspects.find((each) => isSameFunction(each, wanted)) as Frame;
    const at = byLine.get(frame.line) ?? { ms: 0, frame, sample };
    at.ms += sample.weightMs;
    if (sample.weightMs > at.sample.weightMs) at.sample = sample;
    byLine.set(frame.line, at);
  }
  return [...byLine.values()].sort((a, b) => b.ms - a.ms)[0] as { frame: Frame; sample: Stack };
}

function formatStack(frames: readonly Frame[]): string {
  return frames.slice(0, STACK_FRAMES_MAX).map(formatFrame).join('\n');
}

function formatFrame(frame: Frame): string {
  // Maps of dependencies are large, and nobody asks for their original lines.
  const { file, line, column } = frame.owner === 'application' ? originalLocation(frame) : frame;
  const place = file === '' ? '<anonymous>' : `${file}:${line}:${column}`;
  return frame.functionName === '' ? `    at ${place}` : `    at ${frame.functionName} (${place})`;
}

function sum(samples: readonly WeighedSample[]): number {
  return samples.reduce((total, { weightMs }) => total + weightMs, 0);
}
