// The bounds of the queue, and when an attempt is repeated.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Batch, BatchQueue } from '../../src/export/queue.js';
import { backoffMs, isRetryable, retryAfterMs } from '../../src/export/retry.js';

function batch(id: string, bytes: number): Batch {
  return {
    path: '/v1/traces',
    body: Buffer.alloc(bytes),
    gzipped: false,
    items: 1,
    id,
    attempts: 0,
  };
}

describe('the queue', () => {
  it('drops the oldest when bytes run out', () => {
    const dropped: string[] = [];
    const queue = new BatchQueue({ bytesMax: 100, batchesMax: 10 }, ({ id }) => dropped.push(id));
    for (const id of ['a', 'b', 'c']) queue.push(batch(id, 40));
    assert.deepEqual(dropped, ['a']);
    assert.deepEqual([queue.size, queue.bytes], [2, 80]);
    assert.equal(queue.shift()?.id, 'b');
  });

  it('drops the oldest when there are too many', () => {
    const dropped: string[] = [];
    const queue = new BatchQueue({ bytesMax: 1000, batchesMax: 2 }, ({ id }) => dropped.push(id));
    for (const id of ['a', 'b', 'c', 'd']) queue.push(batch(id, 1));
    assert.deepEqual(dropped, ['a', 'b']);
  });

  it('drops what comes back to a full queue, and a batch that is too large', () => {
    const dropped: string[] = [];
    const queue = new BatchQueue({ bytesMax: 100, batchesMax: 2 }, ({ id }) => dropped.push(id));
    queue.push(batch('b', 50));
    queue.push(batch('c', 50));
    queue.unshift(batch('a', 1));
    queue.push(batch('huge', 101));
    assert.deepEqual(dropped, ['a', 'b', 'c', 'huge']);
    assert.deepEqual([queue.size, queue.bytes], [0, 0]);
  });
});

describe('a retry', () => {
  it('follows 429, 502, 503 and 504 only', () => {
    const statuses = [200, 400, 401, 404, 413, 429, 500, 502, 503, 504];
    assert.deepEqual(statuses.filter(isRetryable), [429, 502, 503, 504]);
  });

  it('waits twice as long each time, up to half a minute, and never in step', () => {
    assert.deepEqual(
      [1, 2, 3, 7, 100].map((n) => backoffMs(n, 0)),
      [500, 1000, 2000, 30_000, 30_000],
    );
    assert.equal(backoffMs(1, 0.999) < 260, true);
  });

  it('reads Retry-After as seconds and as a date', () => {
    const now = Date.UTC(2026, 0, 1);
    assert.equal(retryAfterMs('3', now), 3000);
    assert.equal(retryAfterMs('Thu, 01 Jan 2026 00:00:05 GMT', now), 5000);
    assert.equal(retryAfterMs('Thu, 01 Jan 2020 00:00:05 GMT', now), 0);
    assert.equal(retryAfterMs('100000', now), 120_000);
    assert.equal(retryAfterMs('soon', now), 0);
    assert.equal(retryAfterMs(undefined, now), 0);
  });
});
