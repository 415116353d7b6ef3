// Planted loop_blocked: synchronous work of a given length, as it is found in real services.

export type BlockingWork = 'hash' | 'sort' | 'json' | 'regex';

/** Prepares work that takes `blockMs`; what it prepares is not part of the work. */
type Prepare = (blockMs: number) => () => void;

/** None of them makes much garbage: the garbage collector is a cause of its own. */
const WORK: Record<BlockingWork, Prepare> = {
  hash: prepareHash,
  sort: prepareSort,
  json: prepareFeed,
  regex: prepareCoupons,
};

/** Returns the work, which keeps the event loop busy for `blockMs` of processor time. */
export function blockLoop(kind: BlockingWork, blockMs: number): () => void {
  return WORK[kind](blockMs);
}

/**
 * Says when the work has had its time. By the processor's clock, since elapsed time is other people's too; and by a
 * clock rather than by a number of rounds, since V8 may run the same code ten times slower from one call to the next.
 */
function alarm(blockMs: number): () => boolean {
  const begin = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(begin);
    return (user + system) / 1000 >= blockMs;
  };
}

/** A key derivation written in JavaScript, round by round. */
function prepareHash(blockMs: number): () => void {
  const state = new Uint32Array(16);
  return function stretchPassword() {
    const isDue = alarm(blockMs);
    while (!isDue()) {
      for (let round = 0; round < 1000; round++) {
        for (let word = 0; word < 16; word++) {
          const mixed =
            (state[word] ?? 0) ^ Math.imul((state[(word + 7) & 15] ?? 0) + round, 0x9e3779b1);
          state[word] = (mixed << 13) | (mixed >>> 19);
        }
      }
    }
  };
}

/** Sorts the same offers anew for each shelf, by a comparison that is too clever. */
function prepareSort(blockMs: number): () => void {
  const offers = Array.from({ length: 400 }, (_, index) => ({
    name: `offer ${(index * 7919) % 10_007}`,
    price: (index * 104_729) % 101,
  }));
  return function rankOffers() {
    const isDue = alarm(blockMs);
    while (!isDue()) {
      offers.toSorted(
        (left, right) => left.price - right.price || left.name.localeCompare(right.name),
      );
    }
  };
}

/** Parses a supplier's whole price list again for the sake of each price. */
function prepareFeed(blockMs: number): () => void {
  const entries = Array.from({ length: 400 }, (_, index) => ({
    sku: `sku-${index}`,
    prices: [index, index + 1, index + 2],
  }));
  const feed = JSON.stringify(entries);
  return function readFeed() {
    const isDue = alarm(blockMs);
    while (!isDue()) JSON.parse(feed);
  };
}

/** Matches coupon codes with a pattern that backtracks. */
function prepareCoupons(blockMs: number): () => void {
  const pattern = /^(?:[a-z0-9]+-?)+!$/;
  return function matchCoupons() {
    const isDue = alarm(blockMs);
    for (let index = 0; !isDue(); index++) pattern.test(`aaaa-bbbb-${1000 + (index % 9000)}`);
  };
}
