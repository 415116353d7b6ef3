// A claim counts only when service, route and cause are right.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Bottleneck } from '@venturi/collector/schema';
import { shareOf } from '../../src/evaluation/intervals.js';
import { scoreRun } from '../../src/evaluation/score.js';
import { insertSection, renderSection, summarize } from '../../src/evaluation/section.js';
import { namedScenario } from '../../src/scenario/draw.js';
import type { PlantCost } from '../../src/shop/faults/plant-costs.js';

const latency = (p95Ms: number) => ({
  service: 'catalog',
  route: 'GET /products',
  requests: 100,
  failed: 0,
  serverErrors: 0,
  p50Ms: 1,
  p95Ms,
  meanMs: 1,
});

const claim = (changes: Partial<Bottleneck>): Bottleneck => ({
  service: 'catalog',
  route: 'GET /products',
  cause: 'n_plus_one',
  costMs: 10,
  share: 0.5,
  callSite: '',
  statement: '',
  traceId: '0'.repeat(32),
  confidence: 1,
  requests: 100,
  detail: '',
  ...changes,
});

const run = (bottlenecks: Bottleneck[]) => ({
  scenario: namedScenario(['n_plus_one']),
  verdict: { from: 0, to: 1, requests: 100, bottlenecks },
  latencies: [latency(40)],
  plantCosts: [] as PlantCost[],
});

const cost = (changes: Partial<PlantCost>): PlantCost => ({
  service: 'catalog',
  route: 'GET /products',
  name: 'n_plus_one',
  requests: 100,
  p95Ms: 8,
  ...changes,
});

test('a plant is found by its exact name and place', () => {
  const scored = scoreRun(run([claim({})]), []);
  assert.equal(scored.plants[0]?.found, true);
  assert.deepEqual(scored.falseClaims, []);
});

const heldPlant = { name: 'pool_wait', variant: 'held' } as const;

test("a plant's share is what the shop measured of it, as a part of what the callers saw", () => {
  const others = [cost({ name: 'gc', p95Ms: 30 }), cost({ service: 'orders', p95Ms: 30 })];
  const measured = { ...run([]), plantCosts: [...others, cost({})] };
  assert.equal(scoreRun(measured, [latency(10)]).plants[0]?.costShare, 0.2);
});

test("where the shop measured nothing, the share is what the route's p95 has grown by", () => {
  assert.equal(scoreRun(run([]), [latency(10)]).plants[0]?.costShare, 0.75);
  const unasked = { ...run([]), plantCosts: [cost({ requests: 0, p95Ms: 0 })] };
  assert.equal(scoreRun(unasked, [latency(10)]).plants[0]?.costShare, 0.75);
});

test('the time for which a connection is held is not the cost of an empty pool', () => {
  const scenario = namedScenario([]);
  const route = 'GET /products';
  scenario.plants.push({ ...heldPlant, service: 'catalog', route, magnitude: 10 });
  assert.equal(scoreRun({ ...run([]), scenario }, [latency(10)]).plants[0]?.costShare, 0.5);
});

test('another route, service or cause is a miss and a false claim', () => {
  const near = [
    claim({ route: 'GET /products/:id' }),
    claim({ service: 'orders' }),
    claim({ cause: 'gc' }),
  ];
  for (const bottleneck of near) {
    const scored = scoreRun(run([bottleneck]), []);
    assert.equal(scored.plants[0]?.found, false);
    assert.equal(scored.falseClaims.length, 1);
  }
});

test('shares come with their Wilson interval', () => {
  const share = shareOf(9, 10);
  assert.ok(Math.abs(share.low - 0.5958) < 0.001 && Math.abs(share.high - 0.9821) < 0.001);
  assert.deepEqual([shareOf(0, 5).low, shareOf(5, 5).high], [0, 1]);
  assert.deepEqual([shareOf(0, 0).low, shareOf(0, 0).high], [0, 1]);
});

test('the section lists every mistake with its seed and replaces itself', () => {
  const runs = [scoreRun(run([claim({ cause: 'gc' })]), [latency(10)])];
  assert.equal(summarize(runs).recall.hits, 0);
  const times = { durationSeconds: 30, seeds: '1-1' };
  const section = renderSection({ runs, faint: [], faintSeeds: '', ...times });
  assert.match(section, /seed 0: missed `n_plus_one`/);
  assert.match(section, /seed 0: wrongly named `gc`/);
  const page = insertSection('# Benchmarks\n', section);
  assert.equal(insertSection(page, section), page);
  assert.ok(page.startsWith('# Benchmarks\n'));
  assert.doesNotMatch(section, /--faint/);
  const both = renderSection({ runs, faint: runs, faintSeeds: '7-9', ...times });
  assert.match(both, /all fainter plants, whatever they take \| 0 % \(0 of 1;/);
  assert.match(
    both,
    /20 % of their route's p95 and are named \| 0 % \(0 of 2;/,
    'the faint count too',
  );
  assert.match(both, /--seeds 1-1 --faint 7-9 --duration 30/);
});
