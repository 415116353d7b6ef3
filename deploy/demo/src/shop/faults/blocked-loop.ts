// Planted loop_blocked: synchronous work of a given length, as it is found in real services.

export type BlockingWork = 'hash' | 'sort' | 'json' | 'regex';

/** Prepares work of some units, each a fraction of a millisecond; what it prepares is not part of the work. */
type Prepare = (units: number) => () => void;

const CALIBRATION_UNITS = 16;
const CALIBRATION_RUNS = 2;

/** None of them makes much garbage: the garbage collector is a cause of its own. */
const WORK: Record<BlockingWork, Prepare> = {
  hash: prepareHash,
  sort: prepareSort,
  json: prepareFeed,
  regex: prepareCoupons,
};

/** Returns the work, sized so that it keeps the event loop busy for about `blockMs` on this machine. */
export function blockLoop(kind: BlockingWork, blockMs: number): () => void {
  const prepare = WORK[kind];
  const unitMs = processorMs(prepare(CALIBRATION_UNITS)) / CALIBRATION_UNITS;
  const few = Math.max(1, Math.round(blockMs / unitMs));
  // Not all work grows in proportion to its units, so the size is corrected by a run of that size.
  const units = Math.max(1, Math.round((few * blockMs) / processorMs(prepare(few))));
  return prepare(units);
}

/** Processor time of the cheapest of some runs: on a busy machine, elapsed time is other people's too. */
function processorMs(work: () => void): number {
  let cheapestMs = Number.POSITIVE_INFINITY;
  for (let run = 0; run < CALIBRATION_RUNS; run++) {
    const begin = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(begin);
    cheapestMs = Math.min(cheapestMs, Math.max(1, user + system) / 1000);
  }
  return cheapestMs;
}

/** A key derivation written in JavaScript, round by round. */
function prepareHash(units: number): () => void {
  const state = new Uint32Array(16);
  return function stretchPassword() {
    for (let round = 0; round < units * 4_000; round++) {
      for (let word = 0; word < 16; word++) {
        const mixed =
          (state[word] ?? 0) ^ Math.imul((state[(word + 7) & 15] ?? 0) + round, 0x9e3779b1);
        state[word] = (mixed << 13) | (mixed >>> 19);
      }
    }
  };
}

/** Sorts the same offers anew for each shelf, by a comparison that is too clever. */
function prepareSort(units: number): () => void {
  const offers = Array.from({ length: 400 }, (_, index) => ({
    name: `offer ${(index * 7919) % 10_007}`,
    price: (index * 104_729) % 101,
  }));
  return function rankOffers() {
    for (let shelf = 0; shelf < units; shelf++) {
      offers.toSorted(
        (left, right) => left.price - right.price || left.name.localeCompare(right.name),
      );
    }
  };
}

/** Parses a supplier's whole price list again for the sake of each price. */
function prepareFeed(units: number): () => void {
  const entries = Array.from({ length: 400 }, (_, index) => ({
    sku: `sku-${index}`,
    prices: [index, index + 1, index + 2],
  }));
  const feed = JSON.stringify(entries);
  return function readFeed() {
    for (let price = 0; price < units; price++) JSON.parse(feed);
  };
}

/** Matches coupon codes with a pattern that backtracks. */
function prepareCoupons(units: number): () => void {
  const pattern = /^(?:[a-z0-9]+-?)+!$/;
  return function matchCoupons() {
    for (let index = 0; index < units; index++) pattern.test(`aaaa-bbbb-${1000 + (index % 9000)}`);
  };
}
