// Bounds how often something may happen: a burst, and a rate in the long run.

/** Tokens fill up with time and are taken one by one. */
export class TokenBucket {
  readonly #burst: number;
  readonly #perMs: number;
  #tokens: number;
  #atMs: number;

  constructor(limit: { burst: number; perSecond: number; nowMs: number }) {
    this.#burst = limit.burst;
    this.#perMs = limit.perSecond / 1000;
    this.#tokens = limit.burst;
    this.#atMs = limit.nowMs;
  }

  /** Takes a token. @returns false where none is left */
  take(nowMs: number): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + (nowMs - this.#atMs) * this.#perMs);
    this.#atMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
