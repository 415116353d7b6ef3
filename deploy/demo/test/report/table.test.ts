// The table is what a person without a browser reads.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verdictTable } from '../../src/report/table.js';

test('names service, route, cause, time and evidence', () => {
  const table = verdictTable({
    from: 0,
    to: 45_000,
    requests: 1234,
    bottlenecks: [
      {
        service: 'catalog',
        route: 'GET /products',
        cause: 'n_plus_one',
        costMs: 38.25,
        share: 0.81,
        callSite: 'loadReviews (one-by-one.ts:20)',
        statement: 'SELECT rating FROM reviews WHERE product_id = $1',
        traceId: 'ab'.repeat(16),
        confidence: 0.9,
        requests: 120,
        detail: 'The same statement ran 40 times a request.',
      },
    ],
  });
  assert.match(table, /1234 requests in 45 s/);
  assert.match(table, /catalog {2}GET \/products {2}n_plus_one {2}38\.3 ms {2}81 %/);
  assert.match(table, /40 times a request/);
  assert.match(table, /trace (ab){16}$/);
  assert.match(table, /at loadReviews \(one-by-one\.ts:20\)/);
});

test('says that there is none where there is none', () => {
  const none = { from: 0, to: 10_000, requests: 7, bottlenecks: [] };
  assert.equal(verdictTable(none), 'No bottleneck located (7 requests in 10 s).');
});
