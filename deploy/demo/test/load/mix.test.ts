// The load must ask for things that exist and must not saturate the machine by what is planted.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextRequest, planLoad, ROWS } from '../../src/load/mix.js';
import { defaultScenario, drawScenario, namedScenario } from '../../src/scenario/draw.js';
import { createRandom } from '../../src/scenario/random.js';

const total = (streams: { rate: number }[]) => streams.reduce((sum, { rate }) => sum + rate, 0);

test('the whole load is some thirty to eighty requests a second', () => {
  for (const seed of Array.from({ length: 100 }, (_, index) => index)) {
    for (const strength of ['plain', 'faint'] as const) {
      const rate = total(planLoad(drawScenario(seed, strength)).streams);
      // A pool that is held for 30 ms takes 45 requests a second to be kept busy; they cost little else.
      assert.ok(rate > 25 && rate < 85, `seed ${seed}, ${strength}: ${rate}`);
    }
  }
  assert.ok(total(planLoad(defaultScenario()).streams) < 60);
});

test('a route that keeps the processor busy is asked less often, through its callers too', () => {
  const base = namedScenario([]);
  const plant = {
    name: 'slow_statement' as const,
    service: 'catalog' as const,
    route: 'GET /products',
    variant: 'scan' as const,
    magnitude: 400,
  };
  const reaching = planLoad({ ...base, plants: [plant] }).streams.filter(
    ({ service, route, reaches }) =>
      (service === 'catalog' && route === 'GET /products') || reaches === 'catalog GET /products',
  );
  assert.equal(reaching.length, 2);
  assert.ok(Math.abs(total(reaching) * 0.4 - 0.15) < 1e-9);
});

test('requests are the same for the same seed and ask for what exists', () => {
  const { streams } = planLoad(namedScenario([]));
  for (const stream of streams) {
    const [left, right] = [createRandom(3), createRandom(3)];
    const request = nextRequest(stream, left, false);
    assert.deepEqual(request, nextRequest(stream, right, false));
    assert.equal(request.path.includes(':'), false);
    const id = /\/(\d+)/.exec(request.path)?.[1];
    if (id !== undefined) assert.ok(Number(id) >= 1 && Number(id) <= ROWS.orders);
  }
});
