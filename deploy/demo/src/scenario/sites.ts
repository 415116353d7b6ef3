// Where each cause may be planted, how strongly, and where it stands when nothing is drawn.
import type { Cause } from '@venturi/collector/schema';
import type { Plant, ServiceName, Variant } from './plant.js';

/** Connections of a service in which a route holds one for too long. */
export const HELD_POOL_SIZE = 2;
/** `--max-old-space-size` of a service that leaks, in MB: small enough to be full after ten seconds of load. */
export const LEAKING_HEAP_MB = 160;
/** `--max-semi-space-size` of the same service, in MB, as V8 sizes it by itself in a small container. */
export const LEAKING_SEMI_SPACE_MB = 4;

/** A route that a cause can be planted at. For a slow downstream it is the caller's. */
interface Site {
  service: ServiceName;
  route: string;
  variants: readonly Variant[];
}

interface CauseSites {
  /**
   * Magnitudes that the draw takes, both ends included (unit: see `Plant.magnitude`); a faint one is drawn from
   * `faintMin` to `min`. Below `faintMin` a plant is not yet what its name says: the healthy shop itself asks a
   * supplier for 3 ms, runs a statement of 2 ms, checks a password for 4 ms and repeats a statement; two connections
   * that are held for less than 10 ms are always free, and a leak of less than 2 MB a request fills no heap in a run.
   */
  faintMin: number;
  min: number;
  max: number;
  sites: readonly Site[];
  /** What `--plant NAME` and a plain `npm start` plant. */
  byDefault: Omit<Plant, 'name'>;
}

const LOOP_VARIANTS = ['hash', 'sort', 'json', 'regex'] as const;
const STATEMENT_VARIANTS = ['scan', 'sleep'] as const;
const QUERY_VARIANTS = ['sequential', 'parallel'] as const;

export const CAUSE_SITES: Record<Cause, CauseSites> = {
  n_plus_one: {
    faintMin: 5,
    min: 8,
    max: 60,
    sites: [
      { service: 'catalog', route: 'GET /products', variants: QUERY_VARIANTS },
      { service: 'catalog', route: 'GET /products/:id', variants: QUERY_VARIANTS },
      { service: 'orders', route: 'GET /orders/:id', variants: QUERY_VARIANTS },
      { service: 'storefront', route: 'GET /account/:id', variants: QUERY_VARIANTS },
    ],
    byDefault: {
      service: 'catalog',
      route: 'GET /products',
      variant: 'sequential',
      magnitude: 30,
    },
  },
  pool_wait: {
    faintMin: 10,
    min: 30,
    max: 300,
    sites: [
      { service: 'orders', route: 'POST /orders', variants: ['held'] },
      { service: 'orders', route: 'GET /orders/:id', variants: ['held'] },
      { service: 'catalog', route: 'GET /products/:id', variants: ['held'] },
      { service: 'storefront', route: 'GET /account/:id', variants: ['held'] },
    ],
    byDefault: { service: 'orders', route: 'POST /orders', variant: 'held', magnitude: 150 },
  },
  loop_blocked: {
    faintMin: 30,
    min: 40,
    max: 400,
    sites: [
      { service: 'storefront', route: 'GET /search', variants: LOOP_VARIANTS },
      { service: 'storefront', route: 'POST /sessions', variants: LOOP_VARIANTS },
      { service: 'catalog', route: 'GET /export', variants: LOOP_VARIANTS },
      { service: 'orders', route: 'GET /orders/:id', variants: LOOP_VARIANTS },
    ],
    byDefault: { service: 'catalog', route: 'GET /export', variant: 'hash', magnitude: 120 },
  },
  slow_statement: {
    faintMin: 10,
    min: 15,
    max: 500,
    sites: [
      { service: 'orders', route: 'GET /reports/daily', variants: STATEMENT_VARIANTS },
      { service: 'catalog', route: 'GET /products', variants: STATEMENT_VARIANTS },
      { service: 'catalog', route: 'GET /products/:id', variants: STATEMENT_VARIANTS },
      { service: 'storefront', route: 'GET /account/:id', variants: STATEMENT_VARIANTS },
    ],
    byDefault: {
      service: 'storefront',
      route: 'GET /account/:id',
      variant: 'scan',
      magnitude: 120,
    },
  },
  slow_downstream: {
    faintMin: 15,
    min: 20,
    max: 800,
    sites: [
      { service: 'catalog', route: 'GET /products/:id/availability', variants: ['supplier'] },
      { service: 'orders', route: 'POST /orders', variants: ['supplier'] },
      { service: 'storefront', route: 'GET /search', variants: ['callee'] },
      { service: 'storefront', route: 'GET /products/:id', variants: ['callee'] },
    ],
    byDefault: {
      service: 'catalog',
      route: 'GET /products/:id/availability',
      variant: 'supplier',
      magnitude: 220,
    },
  },
  gc: {
    faintMin: 2000,
    min: 7000,
    max: 9000,
    sites: [
      { service: 'storefront', route: 'POST /sessions', variants: ['retained'] },
      { service: 'catalog', route: 'GET /products/:id/availability', variants: ['retained'] },
      { service: 'orders', route: 'POST /orders', variants: ['retained'] },
    ],
    byDefault: {
      service: 'storefront',
      route: 'POST /sessions',
      variant: 'retained',
      magnitude: 8000,
    },
  },
};

/** For `slow_downstream` by an instrumented callee: the route in another service that is late. */
export const CALLEE_OF: Readonly<Record<string, { service: ServiceName; route: string }>> = {
  'storefront GET /search': { service: 'catalog', route: 'GET /products' },
  'storefront GET /products/:id': { service: 'catalog', route: 'GET /products/:id' },
};
