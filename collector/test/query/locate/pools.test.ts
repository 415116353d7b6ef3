// Queues for connections: blamed on whoever had them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { poolWait, statement, TestRequest } from './traces.js';
import { useWindow } from './window.js';

describe('pools', () => {
  const { at, found, write } = useWindow();

  it('blames the route that holds connections idle for the wait of all', async () => {
    write((i) => {
      const holder = new TestRequest({
        service: 'a',
        route: 'POST /pay',
        atMs: at(i),
        ms: 180,
        pool_wait_ms: 60,
        pool_hold_ms: 110,
        db_ms: 5,
      });
      holder.child(1, 60, poolWait(60, 'POST /pay', 0.95));
      const victim = new TestRequest({
        service: 'a',
        route: 'GET /x',
        atMs: at(i),
        ms: 90,
        pool_wait_ms: 80,
        pool_hold_ms: 6,
        db_ms: 5,
      });
      victim.child(1, 80, poolWait(80, 'POST /pay', 0.95));
      victim.child(82, 5, statement('SELECT quick'));
      return [holder, victim];
    });
    assert.deepEqual(await found(), ['a POST /pay pool_wait']);
  });

  it('blames the holder even where it hardly waits itself', async () => {
    write((i) => {
      const quick = new TestRequest({
        service: 'a',
        route: 'GET /x',
        atMs: at(i),
        ms: 700,
        pool_wait_ms: 690,
        pool_hold_ms: 6,
        db_ms: 5,
      });
      quick.child(1, 690, poolWait(690, 'POST /export', 0.99));
      const holder = new TestRequest({
        service: 'a',
        route: 'POST /export',
        atMs: at(i),
        ms: 4000,
        pool_wait_ms: 100,
        pool_hold_ms: 3800,
        db_ms: 20,
      });
      holder.child(1, 100, poolWait(100, 'POST /export', 0.99));
      return i % 4 === 0 ? [quick, holder] : [quick];
    });
    assert.deepEqual(await found(), ['a POST /export pool_wait']);
  });

  it('blames the route that never gives its connections back, though its own requests are quick', async () => {
    write((i) => {
      const leaking = new TestRequest({ service: 'a', route: 'GET /export', atMs: at(i), ms: 5 });
      const waiting = new TestRequest({
        service: 'a',
        route: 'GET /x',
        atMs: at(i) + 10,
        ms: 1005,
        pool_wait_ms: 1000,
      });
      waiting.child(1, 1000, poolWait(1000, 'GET /export', 0.99));
      return [leaking, waiting];
    });
    assert.deepEqual(await found(), ['a GET /export pool_wait']);
  });

  it('names the route that waits where work outside of requests has the connections', async () => {
    write((i) => {
      const waiting = new TestRequest({ service: 'a', route: 'GET /x', atMs: at(i), ms: 105 });
      waiting.child(1, 100, poolWait(100, '(no request)', 0.9));
      return [waiting];
    });
    assert.deepEqual(await found(), ['a GET /x pool_wait']);
  });

  it('takes a short queue behind a slow statement for its consequence', async () => {
    write((i) => {
      const request = new TestRequest({
        service: 'a',
        route: 'GET /x',
        atMs: at(i),
        ms: 300,
        pool_wait_ms: 90,
        pool_hold_ms: 205,
        db_ms: 200,
      });
      request.child(1, 90, poolWait(90, 'GET /x', 0.02));
      request.child(92, 200, statement('SELECT slow'));
      return [request];
    });
    assert.deepEqual(await found(), ['a GET /x slow_statement']);
  });
});
