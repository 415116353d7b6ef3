// Which batches (`venturi-batch` headers) were stored already, so that a retry is not stored again.

/** A batch that is stored or being stored: how many of its items were rejected, once it is durable. */
export type Outcome = Promise<BatchResult>;

export interface BatchResult {
  rejected: number;
  message: string;
}

const keyPattern = /^[\x21-\x7e]{1,128}$/;

/** The key of a header; undefined where it is missing or nothing that we gave out. */
export function batchKey(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && keyPattern.test(header) ? header : undefined;
}

export class Batches {
  readonly #keysMax: number;
  readonly #outcomes = new Map<string, Outcome>();

  constructor(keysMax: number) {
    this.#keysMax = keysMax;
  }

  /** The outcome of a batch that came before; asking makes it the last to be forgotten. */
  find(key: string): Outcome | undefined {
    const outcome = this.#outcomes.get(key);
    if (!outcome) return undefined;
    this.#outcomes.delete(key);
    this.#outcomes.set(key, outcome);
    return outcome;
  }

  /** Remembers a batch from the moment on that it is being stored; one that fails is forgotten. */
  remember(key: string, outcome: Outcome): void {
    this.#outcomes.set(key, outcome);
    if (this.#outcomes.size > this.#keysMax) {
      const oldest = this.#outcomes.keys().next();
      if (!oldest.done) this.#outcomes.delete(oldest.value);
    }
    outcome.catch(() => {
      if (this.#outcomes.get(key) === outcome) this.#outcomes.delete(key);
    });
  }

  /** Batches that an earlier run has stored. */
  restore(batches: Iterable<readonly [key: string, rejected: number]>): void {
    for (const [key, rejected] of batches) {
      this.remember(key, Promise.resolve({ rejected, message: '' }));
    }
  }
}
