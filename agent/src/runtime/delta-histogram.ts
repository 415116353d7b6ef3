// Counts values in buckets since it was last taken.

/** A histogram of delta temporality with fixed upper bounds. */
export class DeltaHistogram {
  #bucketCounts: number[];
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = 0;

  /** @param bounds upper bounds, inclusive and ascending; above the last there is one bucket more */
  constructor(readonly bounds: readonly number[]) {
    this.#bucketCounts = zeros(bounds);
  }

  record(value: number): void {
    const at = this.bounds.findIndex((bound) => value <= bound);
    const bucket = at === -1 ? this.bounds.length : at;
    this.#bucketCounts[bucket] = (this.#bucketCounts[bucket] as number) + 1;
    this.#count++;
    this.#sum += value;
    this.#min = Math.min(this.#min, value);
    this.#max = Math.max(this.#max, value);
  }

  /** What was recorded since the last call, or undefined where nothing was. */
  take():
    | { count: number; sum: number; min: number; max: number; bucketCounts: number[] }
    | undefined {
    if (this.#count === 0) return undefined;
    const taken = {
      count: this.#count,
      sum: this.#sum,
      min: this.#min,
      max: this.#max,
      bucketCounts: this.#bucketCounts,
    };
    this.#bucketCounts = zeros(this.bounds);
    this.#count = 0;
    this.#sum = 0;
    this.#min = Number.POSITIVE_INFINITY;
    this.#max = 0;
    return taken;
  }
}

function zeros(bounds: readonly number[]): number[] {
  return new Array<number>(bounds.length + 1).fill(0);
}
