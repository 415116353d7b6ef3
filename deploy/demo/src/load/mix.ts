// The shop's traffic: which routes are asked, how often, and with what.
import type { Confounder, Plant, Scenario, ServiceName } from '../scenario/plant.js';
import type { Random } from '../scenario/random.js';
import { HELD_POOL_SIZE } from '../scenario/sites.js';

export interface Stream {
  service: ServiceName;
  /** Method and route as the service declares it. */
  route: string;
  /** Mean arrivals per second. */
  rate: number;
  /** A route of another service that each request of this stream calls, if any. */
  reaches?: string;
}

/** What the load generator is told: streams of requests and the number of idle event streams. */
export interface LoadPlan {
  seed: number;
  streams: Stream[];
  eventStreams: number;
  /** Share (0 to 1) of requests that ask for something that does not exist or is malformed. */
  errorShare: number;
}

const BASE_STREAMS: readonly Stream[] = [
  { service: 'storefront', route: 'GET /health', rate: 8 },
  {
    service: 'storefront',
    route: 'GET /products/:id',
    rate: 4,
    reaches: 'catalog GET /products/:id',
  },
  { service: 'storefront', route: 'GET /search', rate: 3, reaches: 'catalog GET /products' },
  { service: 'storefront', route: 'POST /sessions', rate: 3 },
  { service: 'storefront', route: 'GET /account/:id', rate: 4 },
  { service: 'catalog', route: 'GET /products', rate: 1.5 },
  { service: 'catalog', route: 'GET /products/:id', rate: 2 },
  { service: 'catalog', route: 'GET /products/:id/availability', rate: 4 },
  { service: 'catalog', route: 'GET /export', rate: 1.5 },
  { service: 'orders', route: 'GET /orders/:id', rate: 4 },
  { service: 'orders', route: 'POST /orders', rate: 3 },
  { service: 'orders', route: 'GET /reports/daily', rate: 2 },
];

/** Processor time that one plant may take, in cores, so that two cores are never saturated by it. */
const PLANT_CORES_MAX = 0.15;
/** Part of a small pool that its holders keep busy: enough to queue, not enough to run away. */
const POOL_UTILISATION = 0.7;
/** A connection that is held for a moment would need a flood to be scarce; then its pool is simply not empty. */
const HELD_RATE_MAX = 45;
/** Requests per second of a leaking route: fills the heap within the warm-up. */
const LEAK_RATE = 4;

const CPU_BOUND: readonly string[] = ['hash', 'sort', 'json', 'regex', 'scan'];

/** The traffic for a scenario: the base mix, with the planted routes' rates fitted to the machine. */
export function planLoad(scenario: Scenario): LoadPlan {
  const streams = BASE_STREAMS.map((stream) => ({ ...stream }));
  for (const plant of scenario.plants) fitRate(streams, plant);
  const has = (name: Confounder) => scenario.confounders.includes(name);
  return {
    seed: scenario.seed,
    streams: streams.filter(
      ({ route }) => route !== 'GET /export' || has('large_json') || plants(scenario, route),
    ),
    eventStreams: has('event_stream') ? 3 : 0,
    errorShare: has('errors') ? 0.03 : 0,
  };
}

function plants(scenario: Scenario, route: string): boolean {
  return scenario.plants.some((plant) => plant.route === route);
}

function fitRate(streams: Stream[], plant: Plant): void {
  const target = `${plant.service} ${plant.route}`;
  const reaching = streams.filter(
    (stream) => `${stream.service} ${stream.route}` === target || stream.reaches === target,
  );
  const total = reaching.reduce((sum, { rate }) => sum + rate, 0);
  const wanted = wantedRate(plant, total);
  for (const stream of reaching) stream.rate *= wanted / total;
}

function wantedRate(plant: Plant, rate: number): number {
  const seconds = plant.magnitude / 1000;
  if (plant.variant === 'held') {
    return Math.min(HELD_RATE_MAX, (POOL_UTILISATION * HELD_POOL_SIZE) / seconds);
  }
  if (plant.variant === 'retained') return LEAK_RATE;
  if (CPU_BOUND.includes(plant.variant)) return Math.min(rate, PLANT_CORES_MAX / seconds);
  return rate;
}

/** Numbers of rows that the seeded database has, so that the load asks for things that exist. */
export const ROWS = { products: 3000, customers: 2000, orders: 6000 } as const;
const WORDS = ['lamp', 'chair', 'desk', 'shelf', 'sofa', 'rug', 'mirror', 'clock'] as const;

export interface LoadRequest {
  method: string;
  path: string;
  body: string | undefined;
}

/** Makes the next request of a stream; `broken` asks for something that is not there. */
export function nextRequest(stream: Stream, random: Random, broken: boolean): LoadRequest {
  const [method = 'GET', template = '/'] = stream.route.split(' ');
  const rows = template.startsWith('/orders')
    ? ROWS.orders
    : template.startsWith('/account')
      ? ROWS.customers
      : ROWS.products;
  const id = broken ? rows + random.between(1_000_000, 2_000_000) : random.between(1, rows);
  let path = template.replace(':id', String(id));
  if (template === '/search' || template === '/products') path += `?q=${random.pick(WORDS)}`;
  return { method, path, body: method === 'POST' ? postBody(template, random, broken) : undefined };
}

function postBody(template: string, random: Random, broken: boolean): string {
  const customerId = broken ? -1 : random.between(1, ROWS.customers);
  if (template === '/sessions') return JSON.stringify({ customerId, password: 'open sesame' });
  const lines = Array.from({ length: random.between(1, 3) }, () => ({
    productId: random.between(1, ROWS.products),
    quantity: random.between(1, 4),
  }));
  return JSON.stringify({ customerId, lines });
}
