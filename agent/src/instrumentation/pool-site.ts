// Carries the call site of `pool.query` over to the statement that the pool runs when it has a client.

import type { CallSite } from './call-site.js';

/** Null says that the pool looked and there is none, or that it was not the time to look. */
export type CarriedSite = CallSite | null | undefined;

let carried: CarriedSite;

/** Calls `fn` such that the first statement inside takes `site`. */
export function withSite<Result>(site: CarriedSite, fn: () => Result): Result {
  const outer = carried;
  carried = site;
  try {
    return fn();
  } finally {
    carried = outer;
  }
}

/** The site for the statement that starts now, given once; undefined where the statement came through no pool. */
export function takeSite(): CarriedSite {
  const site = carried;
  carried = undefined;
  return site;
}
