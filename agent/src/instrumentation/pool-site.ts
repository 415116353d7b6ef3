// Carries the call site of `pool.query` over to the statement that the pool runs when it has a client.

import { type CallSite, type CallSiteGate, captureCallSite } from './call-site.js';

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

/** From the `pool.query` that is running, for the request for a connection inside it. */
let asking: CarriedSite;

/** Says that a `pool.query` runs whose statement is to get `site`; undefined says that it has returned. */
export function ask(site: CarriedSite): void {
  asking = site;
}

/** The site of the `pool.query` that is running; undefined where none is. */
export function askingSite(): CarriedSite {
  return asking;
}

/** Looks up the site of a `pool.query`, where it is time to: null otherwise. */
export function siteOfQuery(gate: CallSiteGate | undefined): CarriedSite {
  return (gate?.opens() === true ? captureCallSite() : undefined) ?? null;
}
