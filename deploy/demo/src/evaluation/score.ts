// Compares what was located with what was planted.
import type { Bottleneck, Cause, Verdict } from '@venturi/collector/schema';
import type { RouteLatency } from '../load/latency.js';
import type { Scenario } from '../scenario/plant.js';
import { truthOf } from '../scenario/truth.js';
import type { PlantCost } from '../shop/faults/plant-costs.js';

/** One run, as it is kept in the result file. */
export interface SeedRun {
  scenario: Scenario;
  verdict: Verdict;
  latencies: RouteLatency[];
  plantCosts: PlantCost[];
}

export interface ScoredPlant {
  seed: number;
  service: string;
  route: string;
  cause: Cause;
  variant: string;
  magnitude: number;
  found: boolean;
  /** Part of the route's p95 (as its callers saw it) that the plant takes (as the shop measured it). */
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
  { scenario, verdict, latencies, plantCosts }: SeedRun,
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
      costShare: costShareOf(plant, { latencies, plantCosts, clean }),
    })),
    falseClaims: verdict.bottlenecks.filter((claim) => !truth.some(names(claim))),
  };
}

interface Measured extends Pick<SeedRun, 'latencies' | 'plantCosts'> {
  clean: RouteLatency[];
}

/**
 * Where a plant is not paid for in one place, what the route's p95 has grown by stands for its cost. The time for which
 * a connection is held is the route's own, only the queue is the plant's.
 */
function costShareOf(
  plant: Place & { cause: Cause; magnitude: number },
  { latencies, plantCosts, clean }: Measured,
): number {
  const p95Ms = latencies.find((latency) => isSamePlace(latency, plant))?.p95Ms ?? 0;
  const healthyMs = clean.find((latency) => isSamePlace(latency, plant))?.p95Ms ?? 0;
  const measured = plantCosts.find(
    (cost) => isSamePlace(cost, plant) && cost.name === plant.cause && cost.requests > 0,
  );
  const heldMs = plant.cause === 'pool_wait' ? plant.magnitude : 0;
  const costMs = measured?.p95Ms ?? p95Ms - healthyMs - heldMs;
  return p95Ms > 0 ? Math.min(1, Math.max(0, costMs / p95Ms)) : 0;
}

function isSamePlace(left: Place, right: Place): boolean {
  return left.service === right.service && left.route === right.route;
}
