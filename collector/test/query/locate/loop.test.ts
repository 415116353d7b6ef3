// A blocked event loop: whose function it was, and what is none.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stall, statement, TestRequest } from './traces.js';
import { useWindow } from './window.js';

describe('the event loop', () => {
  const { at, found, write } = useWindow();

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

  it('takes what each process does once for no bottleneck', async () => {
    write((i) => {
      const request = new TestRequest({
        service: 'a',
        route: 'GET /x',
        atMs: at(i),
        ms: i % 10 === 0 ? 500 : 20,
        resource_id: 1 + (i % 4),
        ...(i < 4 ? { ms: 500, loop_blocked_ms: 490 } : {}),
      });
      if (i < 4) request.child(2, 490, { ...stall('GET /x', 'js'), resource_id: 1 + (i % 4) });
      return [request];
    });
    assert.deepEqual(await found(), []);
  });

  const outside = (atMs: number, ms: number) =>
    new TestRequest({
      service: 'a',
      route: 'GET /x',
      atMs,
      ms,
      ...stall('GET /x', 'js'),
      http_method: '',
      http_route: '',
      is_entry: true,
    });

  it('takes a start that goes on between the first requests for no bottleneck', async () => {
    write((i) => {
      const request = new TestRequest({ service: 'a', route: 'GET /x', atMs: at(i), ms: 10 });
      return i < 6 ? [request, outside(at(i) + 20, 179)] : [request];
    });
    assert.deepEqual(await found(), []);
  });

  it('names a job that blocks the loop again and again, outside of requests', async () => {
    write((i) => {
      const request = new TestRequest({ service: 'a', route: 'GET /x', atMs: at(i), ms: 10 });
      return i % 5 === 1 ? [request, outside(at(i) + 20, 150)] : [request];
    });
    assert.deepEqual(await found(), ['a (no request) loop_blocked']);
  });
});
