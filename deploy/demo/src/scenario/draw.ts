// Draws a scenario from a seed, or takes the plants that somebody named.
import { CAUSES, type Cause } from '@venturi/collector/schema';
import { CONFOUNDERS, type Plant, type Scenario } from './plant.js';
import { createRandom, type Random } from './random.js';
import { CALLEE_OF, CAUSE_SITES } from './sites.js';

/** Every confounder and one plant of every cause at its default place: what a plain start shows. */
export function defaultScenario(): Scenario {
  return namedScenario(CAUSES);
}

/** The named causes at their default places and magnitudes, with every confounder. */
export function namedScenario(names: readonly Cause[]): Scenario {
  const plants = [...new Set(names)].map((name) => ({ name, ...CAUSE_SITES[name].byDefault }));
  return { seed: 0, plants, confounders: [...CONFOUNDERS] };
}

/** Faint plants lie below what the locator promises: they show where detection ends. */
export type Strength = 'plain' | 'faint';

/** One seed in so many plants nothing: a locator must be silent as well as right. */
const CLEAN_EVERY = 7;

/**
 * Draws one or two plants and some confounders. The causes take turns with the seed, so that any run of
 * consecutive seeds meets each of them about equally often; all else is drawn.
 */
export function drawScenario(seed: number, strength: Strength = 'plain'): Scenario {
  const random = createRandom(seed);
  // The first numbers of neighbouring seeds are the most alike, so they are thrown away.
  for (let discarded = 0; discarded < 8; discarded++) random.next();
  const confounders = CONFOUNDERS.filter(() => random.chance(0.7));
  if (seed % CLEAN_EVERY === 0) return { seed, plants: [], confounders };
  const draw = (name: Cause) => drawPlant(name, { random, strength });
  const first = draw(CAUSES[seed % CAUSES.length] as Cause);
  const companion = () => draw(random.pick(CAUSES));
  const second = random.chance(0.5) ? drawCompanion(first, companion) : undefined;
  return { seed, plants: second === undefined ? [first] : [first, second], confounders };
}

function drawPlant(name: Cause, by: { random: Random; strength: Strength }): Plant {
  const { random } = by;
  const { sites, faintMin, min, max } = CAUSE_SITES[name];
  const site = random.pick(sites);
  return {
    name,
    service: site.service,
    route: site.route,
    variant: random.pick(site.variants),
    // The weak ones are the hard ones, so they are drawn as often as the strong.
    magnitude:
      by.strength === 'faint' ? random.logBetween(faintMin, min) : random.logBetween(min, max),
  };
}

/** A second plant in a service that the first does not touch, so that the truth stays well defined. */
function drawCompanion(first: Plant, draw: () => Plant): Plant | undefined {
  const touched = touchedServices(first);
  for (let attempt = 0; attempt < 40; attempt++) {
    const candidate = draw();
    if (candidate.name === first.name) continue;
    if (touchedServices(candidate).every((service) => !touched.includes(service))) return candidate;
  }
  return undefined;
}

function touchedServices(plant: Plant): string[] {
  const callee =
    plant.variant === 'callee' ? CALLEE_OF[`${plant.service} ${plant.route}`] : undefined;
  return callee === undefined ? [plant.service] : [plant.service, callee.service];
}
