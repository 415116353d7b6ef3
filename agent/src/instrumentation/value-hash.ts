// Makes a number of the values of a statement, by which executions are compared; the values themselves are not kept.

import { randomBytes } from 'node:crypto';

/** Longer texts are compared by their beginning and their length, longer lists not at all. */
const CHARS_MAX = 64;
const VALUES_MAX = 32;
const PRIME = 0x01000193;
/** Another in every process, so that nobody can choose values that are taken for one another. */
const SEED = randomBytes(4).readInt32LE();
/** Stands for no values. */
export const NO_VALUES = mix(SEED, 1);

const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);

/** @returns 0 where there is a value that cannot be compared cheaply: an object, or bytes */
export function hashValues(values: unknown): number {
  if (values === undefined || values === null) return NO_VALUES;
  if (!Array.isArray(values) || values.length > VALUES_MAX) return 0;
  if (values.length === 0) return NO_VALUES;
  let hash = SEED;
  for (let i = 0; i < values.length; i++) {
    const value: unknown = values[i];
    if (typeof value === 'number') hash = mixNumber(hash, value);
    else if (typeof value === 'string') hash = mixText(hash, value);
    else if (typeof value === 'boolean') hash = mix(hash, value ? 3 : 2);
    else if (value === null || value === undefined) hash = mix(hash, 5);
    else if (typeof value === 'bigint') hash = mixNumber(mix(hash, 7), Number(value));
    else if (value instanceof Date) hash = mixNumber(mix(hash, 11), value.getTime());
    else return 0;
  }
  return hash || 1;
}

/** Of values, as they were hashed, and the statement that they belong to. */
export function hashExecution(statementId: number, valuesHash: number): number {
  return mix(valuesHash, statementId) || 1;
}

function mix(hash: number, bits: number): number {
  return Math.imul(hash ^ bits, PRIME) ^ (hash >>> 15);
}

function mixNumber(hash: number, value: number): number {
  if ((value | 0) === value) return mix(mix(hash, 13), value);
  double[0] = value;
  return mix(mix(mix(hash, 17), halves[0] as number), halves[1] as number);
}

function mixText(hash: number, text: string): number {
  const { length } = text;
  let mixed = mix(mix(hash, 19), length);
  const end = Math.min(length, CHARS_MAX);
  for (let i = 0; i < end; i++) mixed = Math.imul(mixed ^ text.charCodeAt(i), PRIME);
  return mixed ^ (mixed >>> 15);
}
