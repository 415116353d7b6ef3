// Connections of one kind, and the statements that wait for one: first come, first served, and a limit on the queue.
import { exception } from './exception.js';

interface Waiting<C> {
  give(connection: C): void;
}

export interface LaneLimits {
  waitingMax: number;
  waitTimeoutMs: number;
}

export class Lane<C> {
  readonly #free: C[];
  readonly #size: number;
  readonly #waiting: Array<Waiting<C>> = [];
  readonly #limits: LaneLimits;
  #whenIdle: Array<() => void> = [];

  constructor(connections: readonly C[], limits: LaneLimits) {
    this.#free = [...connections];
    this.#size = connections.length;
    this.#limits = limits;
  }

  /**
   * Runs something with a connection of its own. Throws TOO_MANY_SIMULTANEOUS_QUERIES where the
   * queue is full or the wait too long, and QUERY_WAS_CANCELLED where `signal` aborts the wait.
   */
  async use<T>(signal: AbortSignal, run: (connection: C) => Promise<T>): Promise<T> {
    const connection = await this.#take(signal);
    try {
      return await run(connection);
    } finally {
      this.#giveBack(connection);
    }
  }

  /** Resolves when nothing runs and nothing waits. */
  async idle(): Promise<void> {
    if (this.#free.length === this.#size) return;
    await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  async #take(signal: AbortSignal): Promise<C> {
    if (signal.aborted) throw exception(394, 'Query was cancelled by its client');
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#waiting.length >= this.#limits.waitingMax) {
      throw exception(202, `Too many simultaneous queries: ${this.#waiting.length} are waiting`);
    }
    return await new Promise((resolve, reject) => {
      const waiting: Waiting<C> = {
        give: (connection) => {
          clear();
          resolve(connection);
        },
      };
      const leave = (error: Error): void => {
        clear();
        const index = this.#waiting.indexOf(waiting);
        if (index >= 0) this.#waiting.splice(index, 1);
        reject(error);
      };
      const onAbort = (): void => leave(exception(394, 'Query was cancelled by its client'));
      const timer = setTimeout(
        () => leave(exception(202, 'Too many simultaneous queries: the wait was too long')),
        this.#limits.waitTimeoutMs,
      );
      const clear = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(waiting);
    });
  }

  #giveBack(connection: C): void {
    const next = this.#waiting.shift();
    if (next) {
      next.give(connection);
      return;
    }
    this.#free.push(connection);
    if (this.#free.length < this.#size) return;
    for (const resolve of this.#whenIdle) resolve();
    this.#whenIdle = [];
  }
}
