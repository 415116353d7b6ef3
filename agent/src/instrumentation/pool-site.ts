// Carries what is known of a `pool.query` over to the statement that the pool runs when it has a client.

import { type CallSite, type CallSiteGate, captureCallSite } from './call-site.js';

/** A `pool.query`, or its like. */
export interface PoolQuery {
  /** Undefined where the pool looked and there is none, or where it was not the time to look. */
  readonly site: CallSite | undefined;
  /** Whether it was given no callback: then nothing of the application runs within the answer. */
  readonly isAwaited: boolean;
}

/** Most queries, so that none of them needs an object of its own. */
export const WITH_CALLBACK: PoolQuery = { site: undefined, isAwaited: false };
const AWAITED: PoolQuery = { site: undefined, isAwaited: true };

let carried: PoolQuery | undefined;

/** Lets the first statement that starts from now on take `query`. @returns what was carried before, to be put back */
export function carry(query: PoolQuery | undefined): PoolQuery | undefined {
  const outer = carried;
  carried = query;
  return outer;
}

/** For the statement that starts now, given once; undefined where the statement came through no pool. */
export function takeQuery(): PoolQuery | undefined {
  const query = carried;
  carried = undefined;
  return query;
}

/** That is running, for the request for a connection inside it. */
let asking: PoolQuery | undefined;

/** Says that `query` runs; undefined says that it has returned. */
export function ask(query: PoolQuery | undefined): void {
  asking = query;
}

/** The `pool.query` that is running; undefined where none is. */
export function askingQuery(): PoolQuery | undefined {
  return asking;
}

/** Describes a `pool.query` that begins, its site looked up where it is time to. */
export function beginQuery(gate: CallSiteGate | undefined, isAwaited: boolean): PoolQuery {
  const site = gate?.opens() === true ? captureCallSite() : undefined;
  if (site === undefined) return isAwaited ? AWAITED : WITH_CALLBACK;
  return { site, isAwaited };
}
