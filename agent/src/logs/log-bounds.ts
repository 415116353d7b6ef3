// How much of a log record is sent: OpenTelemetry's limits, and what a length on the wire can say.

import { limits } from '../config/limits.js';
import { keepAttributes, weigh } from '../otlp/added-attributes.js';

const BODY_BYTES_MAX = 512 * 1024;
const TOO_LARGE = '(too large to be sent)';

/** The parts of a record that know no bounds of their own. */
export interface BoundedLog {
  body: unknown;
  /** `[name, value, ...]` */
  attributes: readonly unknown[];
  droppedAttributes: number;
}

/** Takes what fits. Nothing of what is passed is changed. */
export function boundedLog(body: unknown, attributes: object): BoundedLog {
  const { flat, dropped, weight } = keepAttributes(attributes, limits.attributes, isLogValue);
  const isTooLarge = weight > BODY_BYTES_MAX;
  return {
    body: boundedBody(body),
    attributes: isTooLarge ? [] : flat,
    droppedAttributes: isTooLarge ? dropped + flat.length / 2 : dropped,
  };
}

/** Attributes of records may hold anything: maps and bytes too. */
function isLogValue(value: unknown): boolean {
  return value !== undefined && typeof value !== 'function' && typeof value !== 'symbol';
}

function boundedBody(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) {
    return typeof body === 'string' && body.length > limits.attributeChars
      ? body.slice(0, limits.attributeChars)
      : body;
  }
  return weigh(body) > BODY_BYTES_MAX ? TOO_LARGE : body;
}
