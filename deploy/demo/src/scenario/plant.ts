// What a planted bottleneck is: the one shape that the draw, the services and the truth file share.
import type { Cause } from '@venturi/collector/schema';

export type ServiceName = 'storefront' | 'catalog' | 'orders';

/** How a cause is brought about; each cause has one or more variants. */
export type Variant =
  | 'sequential'
  | 'parallel'
  | 'held'
  | 'hash'
  | 'sort'
  | 'json'
  | 'regex'
  | 'scan'
  | 'sleep'
  | 'supplier'
  | 'callee'
  | 'retained';

/** One planted bottleneck; `DEMO_PLANTS` carries a JSON list of them to every process of the shop. */
export interface Plant {
  name: Cause;
  /** Service and route that the locator has to name. */
  service: ServiceName;
  route: string;
  variant: Variant;
  /** Extra statements for n_plus_one, KB kept per request for gc, milliseconds for every other cause. */
  magnitude: number;
}

/** What a run must be told to have: bottlenecks, and harmless things that look like one. */
export interface Scenario {
  seed: number;
  plants: Plant[];
  confounders: Confounder[];
}

export const CONFOUNDERS = [
  'background_job',
  'errors',
  'event_stream',
  'large_json',
  'short_sync',
] as const;
export type Confounder = (typeof CONFOUNDERS)[number];

/** Reads the plants and confounders that a process of the shop was started with. */
export function readScenario(env: NodeJS.ProcessEnv): Pick<Scenario, 'plants' | 'confounders'> {
  return {
    plants: JSON.parse(env.DEMO_PLANTS || '[]') as Plant[],
    confounders: JSON.parse(env.DEMO_CONFOUNDERS || '[]') as Confounder[],
  };
}
