// A claim: one cause on one route with its evidence, before consequences are told from causes.
import type { Cause } from '../../schema/verdict.js';
import { RULES } from './rules.js';

/** What stands for a route where work has none; the agent says so of those who hold connections, too. */
export const NO_REQUEST = '(no request)';

export interface Claim {
  service: string;
  route: string;
  cause: Cause;
  /** What is claimed within the cause: a statement, a callee, a pool, a function. */
  key: string;
  /** Mean milliseconds over the requests it was measured on, and their part of those requests' time. */
  costMs: number;
  share: number;
  requests: number;
  affected: number;
  callSite: string;
  statement: string;
  traceId: string;
  confidence: number;
  detail: string;
}

/** Totals of a route's requests: all of them, and the slowest tenth. */
export interface Route {
  service: string;
  route: string;
  requests: number;
  ms: number;
  slowRequests: number;
  slowMs: number;
  p95Ms: number;
  loopBlockedMs: number;
  slowLoopBlockedMs: number;
  gcMs: number;
  slowGcMs: number;
}

/** What a cause cost the requests of a route, as sums over all requests and over the slowest tenth. */
export interface Cost {
  affected: number;
  affectedSlow: number;
  costMs: number;
  slowCostMs: number;
}

export interface Weight {
  costMs: number;
  share: number;
  /** Whether the cost was found in the slowest tenth only. */
  tail: boolean;
}

/**
 * Weighs a cost against its route: in the mean where it shows there, else in the slowest tenth.
 * Returns undefined where it is too small a part of either, or hits too few requests.
 */
export function weigh(route: Route, cost: Cost): Weight | undefined {
  if (cost.affected < RULES.affectedRequestsMin) return undefined;
  const share = route.ms > 0 ? cost.costMs / route.ms : 0;
  const slowShare = route.slowMs > 0 ? cost.slowCostMs / route.slowMs : 0;
  if (share >= RULES.shareMin) {
    return { costMs: cost.costMs / route.requests, share: Math.min(1, share), tail: false };
  }
  const affectedSlow = cost.affectedSlow / Math.max(1, route.slowRequests);
  if (slowShare >= RULES.shareMin && affectedSlow >= RULES.affectedSlowShareMin) {
    return {
      costMs: cost.slowCostMs / route.slowRequests,
      share: Math.min(1, slowShare),
      tail: true,
    };
  }
  return undefined;
}

/**
 * 0 to 1: grows with the number of affected requests and with the share they lose; never certain.
 * It orders findings, it is not a probability.
 */
export function confidenceOf(affected: number, share: number): number {
  const seen = 1 - Math.exp(-affected / 10);
  const weight = Math.min(1, 0.5 + share);
  return Math.round(Math.min(0.99, seen * weight) * 100) / 100;
}

/** Routes by service and name. */
export class Routes {
  readonly all: Route[];
  readonly #byKey: Map<string, Route>;

  constructor(routes: Route[]) {
    this.all = routes;
    this.#byKey = new Map(routes.map((route) => [`${route.service}\n${route.route}`, route]));
  }

  get(service: string, route: string): Route | undefined {
    return this.#byKey.get(`${service}\n${route}`);
  }

  ofService(service: string): Route[] {
    return this.all.filter((route) => route.service === service);
  }
}

export function ms(value: number): string {
  return value >= 100 ? `${Math.round(value)} ms` : `${value.toFixed(1)} ms`;
}

export function percent(value: number): string {
  return `${Math.round(value * 100)} %`;
}

export function groupBy<Item>(items: Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

export function sum<Item>(items: Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
