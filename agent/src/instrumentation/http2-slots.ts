// Which calls of an http2 session have a stream, and which wait for one because the server allows no more at a time.

/** A call that may have to wait. */
export interface SlotTaker {
  /** It has got its stream, or will never get one. */
  gotSlot(): void;
}

/**
 * Counts along with Node, which sends requests in their order and does not tell when. Streams that somebody closes
 * without our seeing it make a wait look longer, never a call that did not wait.
 */
export class Slots {
  readonly #open = new Set<SlotTaker>();
  readonly #waiting = new Set<SlotTaker>();

  /** Whether the end of one stream may be the start of another. */
  get hasWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** @param max how many streams the server allows @returns whether there is one for it at once */
  take(call: SlotTaker, max: number): boolean {
    const isFree = this.#open.size < max;
    (isFree ? this.#open : this.#waiting).add(call);
    return isFree;
  }

  /** Its answer has come, so it has its stream, whatever was counted. */
  answered(call: SlotTaker): void {
    if (!this.#waiting.delete(call)) return;
    this.#open.add(call);
    call.gotSlot();
  }

  /** The stream is closed. */
  free(call: SlotTaker): void {
    if (this.#waiting.delete(call)) {
      call.gotSlot();
      return;
    }
    if (!this.#open.delete(call)) return;
    for (const next of this.#waiting) {
      this.#waiting.delete(next);
      this.#open.add(next);
      next.gotSlot();
      return;
    }
  }
}
