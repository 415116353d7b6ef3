// The locator on the real engine: each cause is named, its consequences are not, and health stays silent.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { call, poolWait, stall, statement, TestRequest } from './traces.js';
import { useWindow } from './window.js';

describe('locate', () => {
  const { at, collected, found, locate, write } = useWindow();

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
    const bottlenecks = await locate();
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

  it('takes two statements of one loop for one finding', async () => {
    write((i) => {
      const request = new TestRequest({ service: 'a', route: 'GET /x', atMs: at(i), ms: 100 });
      for (let k = 0; k < 10; k++) {
        request.child(8 * k, 2, statement('SELECT price'));
        request.child(8 * k + 3, 2, statement('INSERT line'));
      }
      return [request];
    });
    assert.deepEqual(await found(), ['a GET /x n_plus_one']);
  });

  it('names a slow downstream that sends no spans', async () => {
    write((i) => {
      const request = new TestRequest({ service: 'a', route: 'GET /x', atMs: at(i), ms: 210 });
      request.child(2, 200, call(9100));
      return [request];
    });
    assert.deepEqual(await found(), ['a GET /x slow_downstream']);
  });

  it('does not blame a downstream for the queue in front of its sockets', async () => {
    write((i) => {
      const request = new TestRequest({ service: 'a', route: 'GET /x', atMs: at(i), ms: 210 });
      const attrs_num = { 'venturi.socket_wait_ms': 190 };
      request.child(2, 200, { ...call(9100), attrs_num });
      return [request];
    });
    assert.deepEqual(await found(), []);
  });

  it('names a call that is made in a loop, whatever each of them asks for', async () => {
    write((i) => {
      const request = new TestRequest({ service: 'a', route: 'GET /x', atMs: at(i), ms: 110 });
      for (let k = 0; k < 12; k++) {
        const url_full = `http://127.0.0.1:9100/items/${i * 100 + k}`;
        request.child(2 + k * 9, 8, { ...call(9100), url_full });
      }
      return [request];
    });
    assert.deepEqual(await found(), ['a GET /x n_plus_one']);
  });

  it('takes calls of six different paths for no loop', async () => {
    write((i) => {
      const request = new TestRequest({ service: 'a', route: 'GET /x', atMs: at(i), ms: 60 });
      for (const [k, path] of ['users', 'carts', 'prices', 'taxes', 'shops', 'news'].entries()) {
        const url_full = `http://127.0.0.1:9100/${path}`;
        request.child(2 + k * 9, 8, { ...call(9100), url_full });
      }
      return [request];
    });
    assert.deepEqual(await found(), []);
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
      callee.child(1, 80, poolWait(80, 'GET /y', 0.2));
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

  /** Quick requests, of which the ones to /login now and then pay for a short collection. */
  const quick = (i: number) => [
    new TestRequest({ service: 'a', route: 'GET /x', atMs: at(i), ms: 4 }),
    new TestRequest({
      service: 'a',
      route: 'POST /login',
      atMs: at(i) + 50,
      ms: 6,
      ...(i % 10 === 0 ? { gc_ms: 3 } : {}),
    }),
  ];

  it('names garbage collection that comes between the requests, on the route that paid most', async () => {
    write(quick);
    collected('a', { major: 5, minor: 0.2 });
    const [first, ...others] = await locate();
    assert.deepEqual(others, []);
    assert.deepEqual([first?.route, first?.cause], ['POST /login', 'gc']);
    assert.match(first?.traceId ?? '', /^[0-9a-f]{32}$/);
  });

  it('names it on the route while which the heap grows, not on the one that waits meanwhile', async () => {
    write((i) => {
      const growth = (bytes: number) => ({ attrs_num: { 'venturi.heap_growth_bytes': bytes } });
      const leaky = { service: 'a', route: 'POST /login', atMs: at(i) + 50, ms: 6 };
      const waiting = { service: 'a', route: 'GET /x', atMs: at(i), ms: 60, gc_ms: 3 };
      return [
        new TestRequest({ ...leaky, ...growth(2_000_000) }),
        new TestRequest({ ...waiting, ...growth(2_100_000) }),
      ];
    });
    collected('a', { major: 5, minor: 0.2 });
    const [first, ...others] = await locate();
    assert.deepEqual(others, []);
    assert.deepEqual([first?.route, first?.cause], ['POST /login', 'gc']);
    assert.match(first?.detail ?? '', /the heap grows while this route runs/);
  });

  it('takes much litter that is cleared quickly for no bottleneck', async () => {
    write(quick);
    collected('a', { major: 0.1, minor: 5 });
    assert.deepEqual(await found(), []);
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

  it('takes a part of a path that is always another one for an identifier', async () => {
    write((i) => {
      const word = `title-${String.fromCharCode(97 + (i % 26))}${String.fromCharCode(97 + (i % 7))}`;
      const request = new TestRequest({
        service: 'raw',
        route: 'GET /',
        atMs: at(i),
        ms: 130,
        http_route: '',
        url_path: `/books/${word}`,
      });
      request.child(2, 120, statement('SELECT slow'));
      return [request];
    });
    assert.deepEqual(await found(), ['raw GET /books/:id slow_statement']);
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
