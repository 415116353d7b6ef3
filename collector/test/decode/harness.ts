// A decoder for tests: real counters, the default limits, and a clock that stands still.
import { BlockTables as Block, type BlockTables } from '../../src/decode/block.js';
import { createDecoder, type Decoder } from '../../src/decode/decoder.js';
import type { DecodeLimits } from '../../src/decode/limits.js';
import { createSystemClock } from '../../src/self/clock.js';
import { type Counters, createCounters } from '../../src/self/counters.js';

export interface Harness {
  decoder: Decoder;
  block: BlockTables;
  counters: Counters;
  /** What the decoder takes for now, in milliseconds. */
  now: number;
}

export function createHarness(limits: Partial<DecodeLimits> = {}, rowsMax = 50_000): Harness {
  const now = Date.now();
  const counters = createCounters(() => now);
  const decoder = createDecoder({
    limits: {
      attributesMax: 128,
      eventsMax: 128,
      valueBytesMax: 4096,
      longValueBytesMax: 16_384,
      ...limits,
    },
    clock: { ...createSystemClock(), now: () => now },
    counters,
  });
  return { decoder, counters, now, block: new Block(rowsMax) };
}
