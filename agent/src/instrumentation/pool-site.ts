// Carries the call site of `pool.query` over to the statement that the pool runs when it has a client.

import type { CallSite } from './call-site.js';

/** Null says that the pool looked and there is none, or that it was not the time to look. */
export type CarriedSite = CallSite | null | undefined;

let carried: CarriedSite;

/** Lets the first statement that starts from now on take `site`. @returns what was carried before, to be put back */
export function carry(site: CarriedSite): CarriedSite {
  const outer = carried;
  carried = site;
  return outer;
}

/** The site for the statement that starts now, given once; undefined where the statement came through no pool. */
export function takeSite(): CarriedSite {
  const site = carried;
  carried = undefined;
  return site;
}
