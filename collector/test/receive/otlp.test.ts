// OTLP over HTTP: what a sender is answered, and what is on disk by then.
import assert from 'node:assert/strict';
import { chmodSync, readdirSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import { fastify } from 'fastify';
import { createDecoder } from '../../src/decode/decoder.js';
import { Pipeline } from '../../src/pipeline.js';
import { Batches } from '../../src/receive/batches.js';
import { registerReceive } from '../../src/receive/routes.js';
import { createSystemClock } from '../../src/self/clock.js';
import { createCounters } from '../../src/self/counters.js';
import { openSpool } from '../../src/spool/spool.js';
import { silentLog, until, withFolder } from '../support/folders.js';
import { decodeMessage, span, traceRequest } from '../support/otlp.js';

const defaults = {
  requestBytesMax: 100_000,
  decompressedBytesMax: 1_000_000,
  inFlightBytesMax: 10_000_000,
  blockIntervalMs: 20,
  blockBytesMax: 1_000_000,
  blocksPendingMax: 4,
  spoolBytesMax: 10_000_000,
  insertRows: 1000,
  attributesMax: 128,
  eventsMax: 128,
  valueBytesMax: 4096,
  longValueBytesMax: 16_384,
};

interface Received {
  url: string;
  folder: string;
  counters: ReturnType<typeof createCounters>;
  batches: Batches;
  post(body: Buffer, headers?: Record<string, string>): Promise<Response>;
  /** Names of spooled files of spans. */
  files(): string[];
}

/** A receiving side with a real decoder, pipeline and spool, and nobody who inserts. */
async function receiving(
  limits: Partial<typeof defaults>,
  run: (received: Received) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const config = { ...defaults, ...limits };
    const clock = createSystemClock();
    const counters = createCounters(clock.now);
    const log = silentLog();
    const spool = await openSpool({ folder, batchWindowMs: 60_000, clock, counters, log });
    const decoder = createDecoder({ limits: config, clock, counters });
    const spooled = (): void => undefined;
    const pipeline = new Pipeline({ decoder, spool, spooled, limits: config, clock, counters });
    const batches = new Batches(1000);
    const server = fastify();
    const store: Parameters<typeof registerReceive>[1]['store'] = (one) => pipeline.store(one);
    registerReceive(server, { store, batches, limits: config, counters, log });
    const url = await server.listen({ host: '127.0.0.1', port: 0 });
    const post = (body: Buffer, headers: Record<string, string> = {}) =>
      fetch(`${url}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-protobuf', ...headers },
        body: new Uint8Array(body),
      });
    try {
      const files = (): string[] => readdirSync(join(folder, 'spans'));
      await run({ url, folder, counters, batches, post, files });
    } finally {
      await server.close();
      await pipeline.drain();
      spool.close();
    }
  });
}

const body = traceRequest([span({ attributes: { a: 'b' } })]);

async function statusOf(response: Response): Promise<Record<string, unknown>> {
  assert.equal(response.headers.get('content-type'), 'application/x-protobuf');
  return decodeMessage('Status', new Uint8Array(await response.arrayBuffer()));
}

test('a request is answered 200 when its block and receipt are on disk', () =>
  receiving({}, async ({ post, files, folder, counters }) => {
    const response = await post(body);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'application/x-protobuf');
    assert.equal((await response.arrayBuffer()).byteLength, 0);
    assert.equal(files().length, 1);
    assert.equal(readdirSync(join(folder, 'blocks')).length, 1);
    assert.equal(counters.get('rowsSpooled'), 2);
  }));

test('many requests share a block', () =>
  receiving({ blockIntervalMs: 200 }, async ({ post, files, counters }) => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(body)));
    assert.ok(answers.every(({ status }) => status === 200));
    assert.equal(counters.get('spansReceived'), 20);
    assert.ok(files().length <= 2, `${files().length} files`);
  }));

test('a full block does not wait for its time', () =>
  receiving({ blockIntervalMs: 60_000, blockBytesMax: 1 }, async ({ post }) => {
    assert.equal((await post(body)).status, 200);
  }));

test('gzip and deflate are taken', () =>
  receiving({}, async ({ post, counters }) => {
    assert.equal((await post(gzipSync(body), { 'content-encoding': 'gzip' })).status, 200);
    assert.equal((await post(deflateSync(body), { 'content-encoding': 'deflate' })).status, 200);
    assert.equal(counters.get('spansReceived'), 2);
  }));

test('a body that compresses unusually well is taken, and a bomb is not', () =>
  receiving({ valueBytesMax: 1_000_000 }, async ({ post, counters }) => {
    const encoding = { 'content-encoding': 'gzip' };
    const large = traceRequest([span({ attributes: { a: 'x'.repeat(900_000) } })]);
    assert.equal((await post(gzipSync(large), encoding)).status, 200);
    assert.equal(counters.get('spansReceived'), 1);
    const bomb = await post(gzipSync(Buffer.alloc(50_000_000)), encoding);
    assert.equal(bomb.status, 413);
    assert.match(String((await statusOf(bomb)).message), /1000000 bytes decompressed/);
  }));

test('a body over the limit is refused, whatever its headers say', () =>
  receiving({}, async ({ post, url }) => {
    assert.equal((await post(Buffer.alloc(100_001))).status, 413);
    const status = await new Promise((resolve, reject) => {
      const chunked = request(`${url}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-protobuf', 'transfer-encoding': 'chunked' },
      });
      chunked.on('response', (response) => {
        resolve(response.statusCode);
        response.resume();
      });
      chunked.on('error', reject);
      for (let index = 0; index < 12; index += 1) chunked.write(Buffer.alloc(10_000));
    });
    assert.equal(status, 413);
  }));

test('what is not OTLP is refused with a reason in the sender’s own format', () =>
  receiving({}, async ({ post }) => {
    const json = await post(Buffer.from('{}'), { 'content-type': 'application/json' });
    assert.equal(json.status, 415);
    const { message } = (await json.json()) as { message: string };
    assert.match(message, /OTEL_EXPORTER_OTLP_PROTOCOL=http\/protobuf/);
    const encoding = await post(body, { 'content-encoding': 'br' });
    assert.equal(encoding.status, 415);
    const torn = await post(body, { 'content-encoding': 'gzip' });
    assert.equal(torn.status, 400);
    assert.match(String((await statusOf(torn)).message), /does not decompress/);
    const malformed = await post(Buffer.from([0x0a, 0x7f]));
    assert.equal(malformed.status, 400);
    assert.deepEqual((await statusOf(malformed)).code, 3);
  }));

test('an empty request is fine', () =>
  receiving({}, async ({ post, files }) => {
    assert.equal((await post(Buffer.alloc(0))).status, 200);
    assert.deepEqual(files(), []);
  }));

test('rejected spans are told as a partial success', () =>
  receiving({}, async ({ post }) => {
    const response = await post(traceRequest([span(), span({ traceId: '01' })]));
    assert.equal(response.status, 200);
    const message = decodeMessage('ExportResponse', new Uint8Array(await response.arrayBuffer()));
    assert.deepEqual(message.partial_success, {
      rejected: 1,
      error_message: '1 spans have a trace, span or parent id that is not valid',
    });
  }));

test('a batch that is sent again is answered the same and stored once', () =>
  receiving({}, async ({ post, counters }) => {
    const headers = { 'venturi-batch': '0d3f:17' };
    const partial = traceRequest([span(), span({ traceId: '01' })]);
    const answers = await Promise.all([1, 2, 3].map(() => post(partial, headers)));
    answers.push(await post(partial, headers));
    const texts = await Promise.all(
      answers.map(async (one) => Buffer.from(await one.arrayBuffer())),
    );
    assert.ok(answers.every(({ status }) => status === 200));
    assert.ok(texts.every((text) => text.equals(texts[0] as Buffer)));
    assert.equal(counters.get('spansReceived'), 1);
    assert.equal(counters.get('requestsDuplicate'), 3);
    await post(partial, { 'venturi-batch': '0d3f:18' });
    assert.equal(counters.get('spansReceived'), 2);
  }));

test('over the limit of bytes in flight a request is put off, and the bytes come free again', () =>
  receiving({ inFlightBytesMax: 60_000 }, async ({ post, url }) => {
    const slow = request(`${url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf', 'content-length': '50000' },
    });
    slow.on('error', () => undefined);
    slow.write(Buffer.alloc(45_000));
    let refused: Response | undefined;
    await until('the slow one holds its bytes', async () => {
      refused = await post(Buffer.alloc(40_000));
      return refused.status === 503;
    });
    assert.equal(refused?.headers.get('retry-after'), '1');
    slow.destroy();
    const large = traceRequest([span({ attributes: { a: 'x'.repeat(40_000) } })]);
    await until('the bytes are free', async () => (await post(large)).status === 200);
  }));

test('a spool at its limit answers 429 with a time to come back', () =>
  receiving({ spoolBytesMax: 1 }, async ({ post }) => {
    assert.equal((await post(body)).status, 200);
    const refused = await post(body);
    assert.equal(refused.status, 429);
    assert.equal(refused.headers.get('retry-after'), '10');
  }));

test('a block that cannot be written is answered 503, and the retry is stored', () =>
  receiving({}, async ({ post, folder, counters }) => {
    const headers = { 'venturi-batch': '0d3f:1' };
    rmSync(join(folder, 'spans'), { recursive: true });
    const refused = await post(body, headers);
    assert.equal(refused.status, 503);
    assert.equal(refused.headers.get('retry-after'), '5');
    await mkdir(join(folder, 'spans'));
    chmodSync(join(folder, 'spans'), 0o700);
    assert.equal((await post(body, headers)).status, 200);
    // The resource was in the block that was lost, so it has to come again.
    assert.equal(readdirSync(join(folder, 'resources')).length, 1);
    assert.equal(counters.get('blocksFailed'), 1);
  }));
