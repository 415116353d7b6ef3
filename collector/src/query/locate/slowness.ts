// Whether a statement or a call is slow: by itself, in its slowest tenth, or because it towers above its kind.
import { ms, type Weight } from './claim.js';
import { RULES } from './rules.js';

/** How long one takes: usually, and in the slowest tenth of the requests. */
export interface Lengths {
  oneMs: number;
  slowOneMs: number;
}

/** From where on it is slow. */
export interface SlowFrom {
  /** By itself. */
  msMin: number;
  /** In the slowest tenth, though it is usually quick. */
  tailMsMin: number;
  /** Where it towers above its kind and takes most of its route. */
  standoutMsMin: number;
}

export interface Slowness {
  ms: number;
  /** What a finding says after the length, empty for what is slow by itself. */
  compared: string;
}

/**
 * How slow it is, or undefined where its length is nothing unusual. `othersMs` holds the usual lengths of the others
 * of its kind: what takes 15 ms where everything takes 15 ms is a distant network, not a slow statement.
 */
export function slownessOf(
  { oneMs, slowOneMs }: Lengths,
  weight: Weight,
  { from, othersMs }: { from: SlowFrom; othersMs: number[] },
): Slowness | undefined {
  if (oneMs >= from.msMin) return { ms: oneMs, compared: '' };
  if (slowOneMs >= from.tailMsMin) {
    return { ms: slowOneMs, compared: ' in the slowest tenth of the requests' };
  }
  const isMost = !weight.tail && weight.share >= RULES.standoutShareMin;
  if (!isMost || oneMs < from.standoutMsMin || othersMs.length < RULES.standoutOthersMin) {
    return undefined;
  }
  const usualMs = median(othersMs);
  if (oneMs < RULES.standoutRatioMin * usualMs) return undefined;
  return { ms: oneMs, compared: `, where the others take ${ms(usualMs)}` };
}

/** Of an even number the lower one of the two in the middle: one slow neighbour must not set the measure. */
function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
