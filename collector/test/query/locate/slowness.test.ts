// Few milliseconds are slow only where everything else of the kind is quick and they are most of the route.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { call, statement, TestRequest } from './traces.js';
import { useWindow } from './window.js';

describe('what towers above its kind', () => {
  const { at, found, locate, write } = useWindow();

  /** Requests of three routes, each running one statement of the given length. */
  const statements = (lengths: { a: number; b: number; c: number }, aRouteMs: number) =>
    write((i) => {
      const route = (name: string, ms: number) =>
        new TestRequest({ service: 's', route: `GET /${name}`, atMs: at(i), ms });
      const a = route('a', aRouteMs);
      a.child(1, lengths.a, statement('SELECT a'));
      const b = route('b', lengths.b + 5);
      b.child(1, lengths.b, statement('SELECT b'));
      const c = route('c', lengths.c + 5);
      c.child(1, lengths.c, statement('SELECT c'));
      return [a, b, c];
    });

  it('is a statement of 12 ms among such of half a millisecond', async () => {
    statements({ a: 12, b: 0.4, c: 0.6 }, 15);
    assert.deepEqual(await found(), ['s GET /a slow_statement']);
    assert.match(
      (await locate())[0]?.detail ?? '',
      /takes 12\.0 ms, where the others take 0\.4 ms/,
    );
  });

  it('is none of three that all take 12 ms: the database is far away', async () => {
    statements({ a: 12, b: 12, c: 12 }, 15);
    assert.deepEqual(await found(), []);
  });

  it('is not one that takes less than half of its route', async () => {
    statements({ a: 12, b: 0.4, c: 0.6 }, 30);
    assert.deepEqual(await found(), []);
  });

  it('is not one of 5 ms, whatever the others take', async () => {
    statements({ a: 5, b: 0.1, c: 0.1 }, 6);
    assert.deepEqual(await found(), []);
  });

  it('is not the only statement of a service, nor one beside BEGIN and COMMIT', async () => {
    write((i) => {
      const request = new TestRequest({ service: 's', route: 'GET /a', atMs: at(i), ms: 15 });
      request.child(0, 0.2, statement('BEGIN'));
      request.child(1, 12, statement('SELECT a'));
      request.child(14, 0.2, statement('COMMIT'));
      return [request];
    });
    assert.deepEqual(await found(), []);
  });

  /** A service that calls three others, each on a route of its own. */
  const calls = (lengths: readonly number[]) =>
    write((i) =>
      lengths.map((ms, k) => {
        const route = `GET /${'abc'[k]}`;
        const request = new TestRequest({ service: 's', route, atMs: at(i), ms: ms + 3 });
        request.child(1, ms, call(9100 + k));
        return request;
      }),
    );

  it('is a call of 18 ms among such of two', async () => {
    calls([18, 2, 2]);
    assert.deepEqual(await found(), ['s GET /a slow_downstream']);
  });

  it('is no call of 18 ms where another takes ten', async () => {
    calls([18, 10, 9]);
    assert.deepEqual(await found(), []);
  });

  it('is not the only call: nobody can say what is usual', async () => {
    calls([18]);
    assert.deepEqual(await found(), []);
  });
});
