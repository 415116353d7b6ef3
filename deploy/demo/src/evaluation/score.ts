// Compares what was located with what was planted.
import type { Bottleneck, Cause, Verdict } from '@venturi/collector/schema';
import type { RouteLatency } from '../load/latency.js';
import type { Scenario } from '../scenario/plant.js';
import { truthOf } from '../scenario/truth.js';

/** One run, as it is kept in the result file. */
export interface SeedRun {
  scenario: Scenario;
  verdict: Verdict;
  latencies: RouteLatency[];
}

export interface ScoredPlant {
  seed: number;
  service: string;
  route: string;
  cause: Cause;
  variant: string;
  magnitude: number;
  found: boolean;
  /** Part of the route's p95 that the plant takes, measured by the load generator against a clean shop. */
  costShare: number;
}

export interface ScoredRun {
  seed: number;
  plants: ScoredPlant[];
  /** Claims that name nothing that was planted. */
  falseClaims: Bottleneck[];
}

interface Place {
  service: string;
  route: string;
}

/** A claim is right when service, route and cause are those of a plant. `clean` is a run without plants. */
export function scoreRun(
  { scenario, verdict, latencies }: SeedRun,
  clean: RouteLatency[],
): ScoredRun {
  const { seed } = scenario;
  const truth = truthOf(scenario);
  const names = (place: Place & { cause: Cause }) => (other: Place & { cause: Cause }) =>
    isSamePlace(place, other) && place.cause === other.cause;
  return {
    seed,
    plants: truth.map((plant) => ({
      seed,
      service: plant.service,
      route: plant.route,
      cause: plant.cause,
      variant: plant.variant,
      magnitude: plant.magnitude,
      found: verdict.bottlenecks.some(names(plant)),
      costShare: costShareOf(plant, { latencies, clean }),
    })),
    falseClaims: verdict.bottlenecks.filter((claim) => !truth.some(names(claim))),
  };
}

function costShareOf(
  place: Place,
  { latencies, clean }: { latencies: RouteLatency[]; clean: RouteLatency[] },
): number {
  const planted = latencies.find((latency) => isSamePlace(latency, place))?.p95Ms ?? 0;
  const healthy = clean.find((latency) => isSamePlace(latency, place))?.p95Ms ?? 0;
  return planted > 0 ? Math.max(0, (planted - healthy) / planted) : 0;
}

function isSamePlace(left: Place, right: Place): boolean {
  return left.service === right.service && left.route === right.route;
}
