// Carries the call that is `pool.query` over to the statement that the pool runs when it has a client.

import type { Statement } from './sql.js';
import { countCall, newCall, type StatementCall } from './statement-call.js';

/** Undefined where a statement came through no pool. */
export type CarriedCall = StatementCall | undefined;

let carried: CarriedCall;

/** Lets the first statement that starts from now on take `call`. @returns what was carried before, to be put back */
export function carry(call: CarriedCall): CarriedCall {
  const outer = carried;
  carried = call;
  return outer;
}

/** The call for the statement that starts now, given once. */
export function takeCall(): CarriedCall {
  const call = carried;
  carried = undefined;
  return call;
}

/** From the `pool.query` that is running, for the request for a connection inside it. */
let asking: CarriedCall;

/** Says that a `pool.query` runs whose statement is to get `call`; undefined says that it has returned. */
export function ask(call: CarriedCall): void {
  asking = call;
}

/** The call that is the `pool.query` that is running; undefined where none is. */
export function askingCall(): CarriedCall {
  return asking;
}

/** The call that a `pool.query` is; its text may be none that can be read. */
export function callOfQuery(statement: Statement | undefined, values: unknown): StatementCall {
  const call = newCall(statement?.gate);
  if (statement !== undefined) countCall(call, statement, values);
  return call;
}
