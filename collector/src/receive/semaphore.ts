// Bounds the bytes of request bodies that are in memory at once.
import { VenturiError } from '../self/errors.js';

export class ByteSemaphore {
  readonly #bytesMax: number;
  #held = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get held(): number {
    return this.#held;
  }

  /** A reservation of nothing yet. */
  open(): Reservation {
    return new Reservation((delta) => this.#change(delta));
  }

  #change(delta: number): void {
    if (delta > 0 && this.#held + delta > this.#bytesMax) throw new VenturiError('IN_FLIGHT_LIMIT');
    this.#held += delta;
  }
}

/** What one request holds; it can be released any number of times. */
export class Reservation {
  readonly #change: (delta: number) => void;
  #bytes = 0;

  constructor(change: (delta: number) => void) {
    this.#change = change;
  }

  /** Holds `bytes` from now on, more or fewer than before. Throws IN_FLIGHT_LIMIT and holds what it held. */
  hold(bytes: number): void {
    this.#change(bytes - this.#bytes);
    this.#bytes = bytes;
  }

  release(): void {
    this.hold(0);
  }
}
