// What a request still waits for when it ends.

import type { Linked } from './linked-set.js';

/** A wait that would leave no trace if nobody ever answered it. */
export interface Unanswered extends Linked<Unanswered> {
  /** The request has ended. */
  abandon(): void;
}
