// Planted loop_blocked: synchronous work of a given length, as it is found in real services.
import { createHash } from 'node:crypto';

export type BlockingWork = 'hash' | 'sort' | 'json' | 'regex';

const CALIBRATION_UNITS = 16;
const CALIBRATION_RUNS = 2;

/** Work in units of a fraction of a millisecond, so that a few of them can be timed and then multiplied. */
const WORK: Record<BlockingWork, (units: number) => void> = {
  hash: stretchPassword,
  sort: rankOffers,
  json: readFeed,
  regex: matchCoupons,
};

/** Returns the work, sized so that it blocks the event loop for about `blockMs` on this machine. */
export function blockLoop(kind: BlockingWork, blockMs: number): () => void {
  const work = WORK[kind];
  const few = Math.max(
    1,
    Math.round((blockMs * CALIBRATION_UNITS) / fastest(work, CALIBRATION_UNITS)),
  );
  // Not all work grows in proportion to its units, so the size is corrected by a run of that size.
  const units = Math.max(1, Math.round((few * blockMs) / fastest(work, few)));
  return () => work(units);
}

/** Processor time of the cheapest of some runs, in ms: on a busy machine, elapsed time is other people's too. */
function fastest(work: (units: number) => void, units: number): number {
  let fastestMs = Number.POSITIVE_INFINITY;
  for (let run = 0; run < CALIBRATION_RUNS; run++) {
    const begin = process.cpuUsage();
    work(units);
    const { user, system } = process.cpuUsage(begin);
    fastestMs = Math.min(fastestMs, Math.max(1, user + system) / 1000);
  }
  return fastestMs;
}

/** A key derivation written in JavaScript, round by round. */
function stretchPassword(units: number): string {
  let digest = 'open sesame';
  for (let round = 0; round < units * 200; round++) {
    digest = createHash('sha256').update(digest).digest('hex');
  }
  return digest;
}

/** Sorts offers by a comparison that is too clever. */
function rankOffers(units: number): number {
  const offers = Array.from({ length: units * 400 }, (_, index) => ({
    name: `offer ${(index * 7919) % 10_007}`,
    price: (index * 104_729) % 65_521,
  }));
  offers.sort((left, right) => left.price - right.price || left.name.localeCompare(right.name));
  return offers.length;
}

/** Parses a supplier's whole price list for the sake of one price. */
function readFeed(units: number): number {
  const entries = Array.from({ length: units * 400 }, (_, index) => ({
    sku: `sku-${index}`,
    index,
  }));
  return (JSON.parse(JSON.stringify(entries)) as unknown[]).length;
}

/** Matches coupon codes with a pattern that backtracks. */
function matchCoupons(units: number): number {
  const pattern = /^(?:[a-z0-9]+-?)+!$/;
  let matches = 0;
  for (let index = 0; index < units; index++) {
    if (pattern.test(`aaaa-bbbb-${1000 + (index % 9000)}`)) matches += 1;
  }
  return matches;
}
