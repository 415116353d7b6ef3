// Takes attributes from an application: which values count, how long they may be, and what they weigh.

import { limits, SPAN_BYTES_MAX } from '../config/limits.js';
import { DEPTH_MAX } from '../otlp/any-value.js';

/** UTF-8 takes up to three bytes for a character of UTF-16. */
const CHAR_BYTES_MAX = 3;
const NUMBER_BYTES = 16;
/** Tags, lengths and counts of one attribute, event or link. */
const FRAME_BYTES = 24;

/** Whether OpenTelemetry allows the value: a string, number or boolean, or a list of one of them with gaps. */
export function isValue(value: unknown): boolean {
  if (!Array.isArray(value)) return isPrimitive(typeof value);
  let type: string | undefined;
  for (const element of value) {
    if (element === null || element === undefined) continue;
    type ??= typeof element;
    if (typeof element !== type || !isPrimitive(type)) return false;
  }
  return true;
}

function isPrimitive(type: string): boolean {
  return type === 'string' || type === 'number' || type === 'boolean';
}

/** The value as it is kept: strings cut to the limit, lists copied. */
export function keep(value: unknown): unknown {
  if (typeof value === 'string') return cut(value);
  if (!Array.isArray(value)) return value;
  return value.map((element) => (typeof element === 'string' ? cut(element) : element));
}

function cut(text: string): string {
  // A limit of 0 is none, as in OpenTelemetry's SDK.
  const { attributeChars } = limits;
  return attributeChars > 0 && text.length > attributeChars ? text.slice(0, attributeChars) : text;
}

/**
 * What a name or value may weigh on the wire, in bytes; never less than it does. Maps and bytes occur in logs only.
 * @param max the counting ends beyond this, so that what is huge, or refers to itself, costs no more
 */
export function weigh(value: unknown, max = SPAN_BYTES_MAX, depth = 0): number {
  if (typeof value === 'string') return FRAME_BYTES + value.length * CHAR_BYTES_MAX;
  if (value instanceof Uint8Array) return FRAME_BYTES + value.length;
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return NUMBER_BYTES;
  let bytes = FRAME_BYTES;
  for (const element of Array.isArray(value) ? value : Object.entries(value).flat()) {
    bytes += weigh(element, max - bytes, depth + 1);
    if (bytes > max) break;
  }
  return bytes;
}

/** Attributes of an event or link. */
export interface KeptAttributes {
  /** `[name, value, ...]` */
  flat: unknown[];
  dropped: number;
  weight: number;
}

/** Takes the valid ones, up to `max`. Anything may come here, since applications are not always typed. */
export function keepAttributes(
  attributes: unknown,
  max: number,
  isValid: (value: unknown) => boolean = isValue,
): KeptAttributes {
  const kept: KeptAttributes = { flat: [], dropped: 0, weight: FRAME_BYTES };
  if (typeof attributes !== 'object' || attributes === null) return kept;
  for (const [name, value] of Object.entries(attributes)) {
    if (name === '' || !isValid(value)) continue;
    if (kept.flat.length >= max * 2) {
      kept.dropped++;
      continue;
    }
    const keptValue = keep(value);
    kept.flat.push(name, keptValue);
    kept.weight += weigh(name) + weigh(keptValue);
  }
  return kept;
}
