// The switch box of the planted bottlenecks: a route asks it once, and does what is planted there, if anything.
import type pg from 'pg';
import { type Plant, readScenario, type ServiceName, type Variant } from '../../scenario/plant.js';
import { CALLEE_OF } from '../../scenario/sites.js';
import { blockLoop } from './blocked-loop.js';
import { heavyStatement } from './heavy-statement.js';
import { holdConnection } from './held-connection.js';
import { lateAnswer } from './late-answer.js';
import { reviewsOneByOne } from './one-by-one.js';
import { type CostBook, keepPlantCosts } from './plant-costs.js';
import { retainSessions } from './retained-sessions.js';

export interface Faults {
  /** Does whatever is planted at `route` ("GET /products/:id"); at a healthy route it does nothing. */
  at(route: string): Promise<void>;
}

type Effect = () => Promise<void> | void;
type EffectFactory = (magnitude: number, pool: pg.Pool) => Effect | Promise<Effect>;

const EFFECTS: Partial<Record<Variant, EffectFactory>> = {
  sequential: (count, pool) => reviewsOneByOne(pool, { count, parallel: false }),
  parallel: (count, pool) => reviewsOneByOne(pool, { count, parallel: true }),
  held: (holdMs, pool) => holdConnection(pool, holdMs),
  hash: (blockMs) => blockLoop('hash', blockMs),
  sort: (blockMs) => blockLoop('sort', blockMs),
  json: (blockMs) => blockLoop('json', blockMs),
  regex: (blockMs) => blockLoop('regex', blockMs),
  scan: (statementMs, pool) => heavyStatement(pool, { statementMs, variant: 'scan' }),
  sleep: (statementMs, pool) => heavyStatement(pool, { statementMs, variant: 'sleep' }),
  callee: (delayMs) => lateAnswer(delayMs),
  retained: (sessionKb) => retainSessions(sessionKb),
};

/** Prepares what is planted in this service; calibration of heavy work happens here, once. */
export async function openFaults(service: ServiceName, pool: pg.Pool): Promise<Faults> {
  const book = keepPlantCosts();
  const effects = new Map<string, Effect>();
  for (const plant of readScenario(process.env).plants) {
    const route = routeInService(plant, service);
    const create = EFFECTS[plant.variant];
    if (route === undefined || create === undefined) continue;
    effects.set(route, booked(await create(plant.magnitude, pool), plant, book));
  }
  return {
    at: async (route) => {
      await effects.get(route)?.();
    },
  };
}

/** What these take is not paid where they act: who waits for a held connection or for a full heap may be anybody. */
const PAID_ELSEWHERE: readonly Variant[] = ['held', 'retained'];

function booked(effect: Effect, plant: Plant, book: CostBook): Effect {
  if (PAID_ELSEWHERE.includes(plant.variant)) return effect;
  const record = book(plant);
  return async function act() {
    const begin = performance.now();
    try {
      await effect();
    } finally {
      record(performance.now() - begin);
    }
  };
}

/** The route of this service that the plant acts in: its own, or the callee that answers late. */
function routeInService(plant: Plant, service: ServiceName): string | undefined {
  if (plant.variant !== 'callee') return plant.service === service ? plant.route : undefined;
  const callee = CALLEE_OF[`${plant.service} ${plant.route}`];
  return callee?.service === service ? callee.route : undefined;
}
