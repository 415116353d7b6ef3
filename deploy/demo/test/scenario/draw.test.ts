// The same seed must plant the same things everywhere, and the truth must be unambiguous.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CAUSES } from '@venturi/collector/schema';
import { defaultScenario, drawScenario, namedScenario } from '../../src/scenario/draw.js';
import { createRandom } from '../../src/scenario/random.js';
import { CAUSE_SITES } from '../../src/scenario/sites.js';
import { truthOf } from '../../src/scenario/truth.js';

const SEEDS = Array.from({ length: 300 }, (_, index) => index + 1);

test('a seed always draws the same scenario', () => {
  for (const seed of SEEDS) assert.deepEqual(drawScenario(seed), drawScenario(seed));
  assert.notDeepEqual(drawScenario(1).plants, drawScenario(2).plants);
});

test('plants stand at a known site, within the range of their cause', () => {
  for (const plant of SEEDS.flatMap((seed) => drawScenario(seed).plants)) {
    const { sites, min, max } = CAUSE_SITES[plant.name];
    assert.ok(plant.magnitude >= min && plant.magnitude <= max);
    const site = sites.find(
      ({ service, route }) => service === plant.service && route === plant.route,
    );
    assert.ok(site?.variants.includes(plant.variant), JSON.stringify(plant));
  }
});

test('a faint plant lies below the range of its cause, at the same kind of place', () => {
  for (const plant of SEEDS.flatMap((seed) => drawScenario(seed, 'faint').plants)) {
    const { sites, faintMin, min } = CAUSE_SITES[plant.name];
    assert.ok(plant.magnitude >= faintMin && plant.magnitude <= min);
    assert.ok(sites.some(({ route }) => route === plant.route));
  }
});

test('two plants never share a service', () => {
  const pairs = SEEDS.map((seed) => drawScenario(seed).plants).filter(({ length }) => length === 2);
  assert.ok(pairs.length > 60);
  for (const [first, second] of pairs) assert.notEqual(first?.service, second?.service);
});

test('consecutive seeds meet every cause, and some plant nothing', () => {
  const scenarios = SEEDS.slice(0, 60).map((seed) => drawScenario(seed));
  for (const cause of CAUSES) {
    const count = scenarios.filter(({ plants }) =>
      plants.some(({ name }) => name === cause),
    ).length;
    assert.ok(count >= 8, `${cause}: ${count}`);
  }
  assert.equal(scenarios.filter(({ plants }) => plants.length === 0).length, 8);
});

test('a plain start plants every cause once, each at a route of its own', () => {
  const truth = truthOf(defaultScenario());
  assert.deepEqual(
    truth.map(({ cause }) => cause),
    [...CAUSES],
  );
  assert.equal(
    new Set(truth.map(({ service, route }) => `${service} ${route}`)).size,
    truth.length,
  );
  assert.deepEqual(namedScenario([]).plants, []);
});

test('the generator is uniform enough to draw from', () => {
  const random = createRandom(7);
  const draws = Array.from({ length: 20_000 }, () => random.next());
  const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
  assert.ok(Math.abs(mean - 0.5) < 0.01);
  assert.ok(draws.every((value) => value >= 0 && value < 1));
  const waits = Array.from({ length: 20_000 }, () => random.exponential(5));
  assert.ok(Math.abs(waits.reduce((sum, value) => sum + value, 0) / waits.length - 0.2) < 0.01);
});
