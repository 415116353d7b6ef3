// The locator on the real engine: each cause is named, its consequences are not, and health stays silent.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { locate } from '../../../src/query/locate/index.js';
import { TestEngine } from './engine.js';
import { call, poolWait, stall, statement, TestRequest } from './traces.js';

const REQUESTS = 40;

describe('locate', () => {
  let engine: TestEngine;
  const startMs = Date.now() - 60_000;

  before(() => {
    engine = new TestEngine();
  });
  beforeEach(() => engine.command('TRUNCATE TABLE venturi.spans'));
  after(() => engine.close());

  const at = (i: number) => startMs + i * 200;
  const found = async () => {
    const verdict = await locate(engine, { fromMs: startMs - 1000, toMs: startMs + 60_000 });
    return verdict.bottlenecks.map((b) => `${b.service} ${b.route} ${b.cause}`);
  };
  const write = (make: (i: number) => TestRequest[]) => {
    const requests = Array.from({ length: REQUESTS }, (_, i) => make(i)).flat();
    engine.write(requests.flatMap((request) => request.rows));
  };

  it('names nothing in a healthy service', async () => {
    write((i) => {
      const request = new TestRequest({
        service: 'a',
        route: 'GET /x',
        atMs: at(i),
        ms: 12 + (i % 5),
      });
      request.child(1, 3, statement('SELECT 1'));
      request.child(5, 4, statement('SELECT 2'));
      return [request];
    });
    assert.deepEqual(await found(), []);
  });

  it('names a statement that runs twenty times in a request, with its call site and a trace', async () => {
    write((i) => {
      const request = new TestRequest({ service: 'a', route: 'GET /x', atMs: at(i), ms: 45 });
      for (let k = 0; k < 20; k += 1) request.child(1 + k * 2, 1.8, statement('SELECT price'));
      return [request];
    });
    assert.deepEqual(await found(), ['a GET /x n_plus_one']);
    const { bottlenecks } = await locate(engine, {
      fromMs: startMs - 1000,
      toMs: startMs + 60_000,
    });
    assert.equal(bottlenecks[0]?.callSite, 'load (/srv/app/queries.js:7)');
    assert.equal(bottlenecks[0]?.statement, 'SELECT price');
    assert.match(bottlenecks[0]?.traceId ?? '', /^[0-9a-f]{32}$/);
  });

  it('does not take the same statement twice for an N+1', async () => {
    write((i) => {
      const request = new TestRequest({ service: 'a', route: 'GET /x', atMs: at(i), ms: 20 });
      for (let k = 0; k < 2; k += 1) request.child(1 + k * 8, 7, statement('SELECT price'));
      return [request];
    });
    assert.deepEqual(await found(), []);
  });

  it('names a slow statement', async () => {
    write((i) => {
      const request = new TestRequest({ service: 'a', route: 'GET /x', atMs: at(i), ms: 130 });
      request.child(2, 120, statement('SELECT slow'));
      return [request];
    });
    assert.deepEqual(await found(), ['a GET /x slow_statement']);
  });

  it('names a statement that is slow in one request of eight', async () => {
    write((i) => {
      const ms = i % 8 === 0 ? 300 : 4;
      const request = new TestRequest({ service: 'a', route: 'GET /x', atMs: at(i), ms: ms + 5 });
      request.child(2, ms, statement('SELECT skewed'));
      return [request];
    });
    assert.deepEqual(await found(), ['a GET /x slow_statement']);
  });

  it('blames the function that blocked the loop, not the statements whose answers lay unread', async () => {
    write((i) => {
      const culprit = new TestRequest({
        service: 'a',
        route: 'POST /hash',
        atMs: at(i),
        ms: 160,
        loop_busy_ms: 155,
        loop_blocked_ms: 150,
      });
      culprit.child(4, 150, stall('POST /hash', 'js', 140));
      const victim = new TestRequest({
        service: 'a',
        route: 'GET /x',
        atMs: at(i) + 5,
        ms: 155,
        loop_busy_ms: 150,
        loop_blocked_ms: 145,
      });
      victim.child(1, 150, statement('SELECT victim', 146));
      return [culprit, victim];
    });
    assert.deepEqual(await found(), ['a POST /hash loop_blocked']);
  });

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
      holder.child(1, 60, poolWait(60));
      const victim = new TestRequest({
        service: 'a',
        route: 'GET /x',
        atMs: at(i),
        ms: 90,
        pool_wait_ms: 80,
        pool_hold_ms: 6,
        db_ms: 5,
      });
      victim.child(1, 80, poolWait(80));
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
      quick.child(1, 690, poolWait(690));
      const holder = new TestRequest({
        service: 'a',
        route: 'POST /export',
        atMs: at(i),
        ms: 4000,
        pool_wait_ms: 100,
        pool_hold_ms: 3800,
        db_ms: 20,
      });
      holder.child(1, 100, poolWait(100));
      return i % 4 === 0 ? [quick, holder] : [quick];
    });
    assert.deepEqual(await found(), ['a POST /export pool_wait']);
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
      request.child(1, 90, poolWait(90));
      request.child(92, 200, statement('SELECT slow'));
      return [request];
    });
    assert.deepEqual(await found(), ['a GET /x slow_statement']);
  });

  it('names a slow downstream that sends no spans', async () => {
    write((i) => {
      const request = new TestRequest({ service: 'a', route: 'GET /x', atMs: at(i), ms: 210 });
      request.child(2, 200, call(9100));
      return [request];
    });
    assert.deepEqual(await found(), ['a GET /x slow_downstream']);
  });

  it('follows a slow call into the callee and names its pool there only', async () => {
    write((i) => {
      const caller = new TestRequest({ service: 'front', route: 'GET /x', atMs: at(i), ms: 110 });
      const parent = caller.child(2, 104, call(9200));
      const callee = new TestRequest(
        {
          service: 'back',
          route: 'GET /y',
          atMs: at(i) + 3,
          ms: 100,
          pool_wait_ms: 80,
          pool_hold_ms: 15,
          db_ms: 12,
        },
        parent,
      );
      callee.child(1, 80, poolWait(80));
      callee.child(82, 12, statement('SELECT quick'));
      return [caller, callee];
    });
    assert.deepEqual(await found(), ['back GET /y pool_wait']);
  });

  it('names the caller where an instrumented callee is slow without any evidence inside', async () => {
    write((i) => {
      const caller = new TestRequest({ service: 'front', route: 'GET /x', atMs: at(i), ms: 160 });
      const parent = caller.child(2, 154, call(9200));
      const callee = new TestRequest(
        { service: 'back', route: 'GET /y', atMs: at(i) + 3, ms: 150 },
        parent,
      );
      return [caller, callee];
    });
    assert.deepEqual(await found(), ['front GET /x slow_downstream']);
  });

  it('names garbage collection on the route that allocates', async () => {
    write((i) => {
      const leaky = new TestRequest({
        service: 'a',
        route: 'POST /login',
        atMs: at(i),
        ms: 120,
        gc_ms: 90,
        loop_busy_ms: 110,
        loop_blocked_ms: 90,
      });
      leaky.child(5, 90, { ...stall('POST /login', 'gc'), gc_ms: 88 });
      const victim = new TestRequest({
        service: 'a',
        route: 'GET /x',
        atMs: at(i),
        ms: 110,
        gc_ms: 88,
        loop_busy_ms: 100,
        loop_blocked_ms: 90,
      });
      return [leaky, victim];
    });
    assert.deepEqual(await found(), ['a POST /login gc']);
  });

  it('names a route of a server without a router by its path', async () => {
    write((i) => {
      const request = new TestRequest({
        service: 'raw',
        route: 'GET /',
        atMs: at(i),
        ms: 130,
        http_route: '',
        url_path: `/users/${i}/orders`,
      });
      request.child(2, 120, statement('SELECT slow'));
      return [request];
    });
    assert.deepEqual(await found(), ['raw GET /users/:id/orders slow_statement']);
  });

  it('names two causes in two services at once', async () => {
    write((i) => {
      const slow = new TestRequest({ service: 'a', route: 'GET /x', atMs: at(i), ms: 130 });
      slow.child(2, 120, statement('SELECT slow'));
      const down = new TestRequest({ service: 'b', route: 'GET /z', atMs: at(i), ms: 110 });
      down.child(2, 100, call(9100));
      return [slow, down];
    });
    assert.deepEqual((await found()).sort(), [
      'a GET /x slow_statement',
      'b GET /z slow_downstream',
    ]);
  });
});
