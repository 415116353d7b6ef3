// The locate schedule: findings become rows, sooner while somebody looks, and never two runs at once.
import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import { type LocateSchedule, startLocateLoop } from '../../../src/query/locate/schedule.js';
import { TestEngine } from './engine.js';
import { statement, TestRequest } from './traces.js';

describe('the locate schedule', () => {
  let engine: TestEngine;
  const nowMs = Date.now();

  before(() => {
    engine = new TestEngine();
    const requests = Array.from({ length: 20 }, (_, i) => {
      const shape = { service: 'a', route: 'GET /x', atMs: nowMs - 20_000 + i * 100, ms: 130 };
      const request = new TestRequest(shape);
      request.child(2, 120, statement("SELECT 'it''s \\ slow'"));
      return request;
    });
    engine.write(requests.flatMap((request) => request.rows));
  });
  after(() => engine.close());

  const scheduleOf = (changes: Partial<LocateSchedule>): LocateSchedule => ({
    store: engine,
    log: { warn: (details) => assert.fail(JSON.stringify(details)) },
    clock: { now: () => nowMs },
    watched: () => false,
    intervalMs: 30_000,
    intervalWatchedMs: 5000,
    windowMs: 60_000,
    ...changes,
  });

  it('writes each finding and then its run, with the text of a statement unharmed', async () => {
    mock.timers.enable({ apis: ['setInterval'] });
    const loop = startLocateLoop(scheduleOf({}));
    mock.timers.tick(1000);
    mock.timers.reset();
    await loop.stop();
    const runs = await engine.query('SELECT requests, found FROM venturi.bottleneck_runs', {});
    assert.deepEqual(runs.rows, [[20, 1]]);
    const rows = await engine.query(
      'SELECT rank, service, route, cause, statement FROM venturi.bottlenecks',
      {},
    );
    assert.deepEqual(rows.rows, [[1, 'a', 'GET /x', 'slow_statement', "SELECT 'it''s \\ slow'"]]);
  });

  it('runs every five seconds while somebody looks and every thirty otherwise', async () => {
    mock.timers.enable({ apis: ['setInterval'] });
    let clockMs = 1_000_000;
    let watched = false;
    let runs = 0;
    const store = {
      query: async () => ({ columns: [], rows: [], elapsedMs: 0 }),
      command: async () => {
        runs += 1;
      },
    };
    const clock = { now: () => clockMs };
    const loop = startLocateLoop(scheduleOf({ store, clock, watched: () => watched }));
    const pass = async (seconds: number) => {
      for (let i = 0; i < seconds; i += 1) {
        clockMs += 1000;
        mock.timers.tick(1000);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await pass(1);
    assert.equal(runs, 1, 'at once');
    await pass(29);
    assert.equal(runs, 1);
    await pass(1);
    assert.equal(runs, 2);
    watched = true;
    await pass(10);
    assert.equal(runs, 4);
    mock.timers.reset();
    await loop.stop();
  });
});
