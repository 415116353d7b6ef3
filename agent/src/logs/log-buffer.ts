// Encoded log records that wait for the next flush, by the logger that they came from.

import { storage } from '../context/store.js';
import { ByteWriter } from '../otlp/byte-writer.js';
import { type EmittedLog, encodeLog } from '../otlp/log-record.js';
import type { Scope, ScopedItems } from '../otlp/scope.js';
import { counters } from '../self/counters.js';

const INITIAL_BYTES = 4096;
/** Records that have come to this are sent at once. */
const BATCH_BYTES = 256 * 1024;
const SCOPES_MAX = 256;

/** Where records go. */
export interface LogsTarget {
  intervalMs: number;
  /**
   * Sends what was encoded, by scope.
   * @param records how many that is
   * @returns false where the collector takes no logs, so that no more need come
   */
  send(scopes: readonly ScopedItems[], records: number): boolean;
}

/** Collects records until its timer, or their size, sends them. */
export class LogBuffer {
  readonly #target: LogsTarget;
  readonly #writers = new Map<Scope, ByteWriter>();
  #records = 0;
  #isOpen = true;
  #timer: NodeJS.Timeout | undefined;

  constructor(target: LogsTarget) {
    this.#target = target;
  }

  /** Whether records have somewhere to go. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Encodes a record; nothing of it is kept. Loggers are told apart by the identity of their scopes. */
  add(scope: Scope, log: EmittedLog): void {
    if (!this.#isOpen) {
      counters.logsDropped++;
      return;
    }
    let out = this.#writers.get(scope);
    if (out === undefined) {
      if (this.#writers.size >= SCOPES_MAX) this.flush();
      out = new ByteWriter(INITIAL_BYTES);
      this.#writers.set(scope, out);
    }
    encodeLog(out, log);
    this.#records++;
    if (out.pos >= BATCH_BYTES) this.flush();
    else this.#timer ??= storage.run(undefined, () => this.#later());
  }

  /** Sends what there is. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#records === 0) return;
    const scopes = [...this.#writers].map(([scope, out]) => ({ scope, items: out.bytes() }));
    const records = this.#records;
    this.#writers.clear();
    this.#records = 0;
    this.#isOpen = this.#target.send(scopes, records);
  }

  #later(): NodeJS.Timeout {
    return setTimeout(() => this.flush(), this.#target.intervalMs).unref();
  }
}
