// Lines of pino, winston and console: the ids that they get, and the records that are sent where that is asked for.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { App } from '../support/app.js';
import { FakeCollector, waitUntil } from '../support/fake-collector.js';
import type { DecodedLog, DecodedSpan } from '../support/otlp-proto.js';

const VERSIONS = [
  { PINO: 'pino', WINSTON: 'winston' },
  { PINO: 'pino-low', WINSTON: 'winston-low' },
];

type Record = { [name: string]: unknown };
const parse = (line: string): Record => JSON.parse(line) as Record;

interface Answer {
  lines: string[];
  looked: number;
}

/** A fixture, the collector that it sends to, and what it answered. */
class Logged {
  readonly collector = new FakeCollector();
  #app: App | undefined;

  async start(fixture: string, env: { [name: string]: string }): Promise<void> {
    await this.collector.listen();
    this.#app = new App({ fixture, env, collector: this.collector });
  }

  async get(path: string): Promise<Answer> {
    const { body } = await (this.#app as App).get(path);
    return JSON.parse(body) as Answer;
  }

  async entry(path: string): Promise<DecodedSpan> {
    const isIt = (span: DecodedSpan): boolean => span.attributes['url.path'] === path;
    const spans = await this.collector.waitForSpans((all) => all.some(isIt));
    return spans.find(isIt) as DecodedSpan;
  }

  async log(body: unknown): Promise<DecodedLog> {
    const { logs } = this.collector;
    const isIt = (log: DecodedLog): boolean => log.body === body;
    await waitUntil(
      () => logs.some(isIt),
      () => `${String(body)} among ${JSON.stringify(logs.map((each) => each.body))}`,
    );
    return logs.find(isIt) as DecodedLog;
  }

  async stop(): Promise<string> {
    const { stderr } = await (this.#app as App).stop();
    await this.collector.close();
    return stderr;
  }
}

/** The lines without what differs between two processes. */
const comparable = (lines: string[]): string[] =>
  lines.map((line) => line.replace(/"pid":\d+/, '"pid":0').replace(/"time":\d+/g, '"time":0'));
const withoutIds = (lines: string[]): string[] =>
  lines.map((line) =>
    line.replace(
      /,"(?:trace_id|span_id|trace_flags)":"(?:[0-9a-f]{32}|[0-9a-f]{16}|[0-9a-f]{2})"/g,
      '',
    ),
  );

for (const env of VERSIONS) {
  describe(`lines of ${env.PINO} and ${env.WINSTON}`, { concurrency: false }, () => {
    const logged = new Logged();
    const bare = new Logged();
    before(async () => {
      await logged.start('logs.cjs', { ...env, VENTURI_LOGS: 'forward' });
      await bare.start('logs.cjs', { ...env, VENTURI_LOGS: 'off' });
    });
    after(async () => {
      await bare.stop();
      assert.equal((await logged.stop()).includes('venturi:'), false);
    });

    it('are what they would be, but for the ids', async () => {
      for (const path of ['/winston', '/outside']) {
        const { lines, looked } = await logged.get(path);
        const without = await bare.get(path);
        assert.equal(looked, without.looked);
        assert.ok(lines.length > 1);
        assert.deepEqual(comparable(withoutIds(lines)), comparable(without.lines), path);
      }
    });

    it('carry the ids of the span that the code runs in, those of pino', async () => {
      const { lines, looked } = await logged.get('/pino');
      const { traceId, spanId } = await logged.entry('/pino');
      const ids = { trace_id: traceId, span_id: spanId, trace_flags: '03' };
      const found = lines.map(parse);
      assert.equal(found.length, 8);
      for (const index of [0, 1, 2, 3]) {
        const { trace_id, span_id, trace_flags } = found[index] as Record;
        assert.deepEqual({ trace_id, span_id, trace_flags }, ids, lines[index]);
      }
      assert.equal(found[0]?.password, '[Redacted]');
      assert.equal(found[3]?.mixed, true);
      assert.deepEqual(found[4]?.payload, { ...ids, a: 1 });
      assert.equal(found[5]?.trace, traceId, 'a formatter sees them, and may rename them');
      assert.equal(found[6]?.trace_id, 'mine');
      assert.equal(found[6]?.span_id, undefined);
      assert.equal(found[7]?.trace_id, 'bound');
      assert.equal(looked, 0, 'what is not enabled is not looked at');
    });

    it('carry the ids of the span that the code runs in, those of winston', async () => {
      const { lines } = await logged.get('/winston');
      const ofPath = logged.collector.spans.map(({ traceId }) => traceId);
      const found = lines.map(parse);
      const ids = new Set(found.slice(0, 5).map(({ trace_id }) => trace_id));
      assert.equal(ids.size, 1);
      await logged.collector.waitForSpans((spans) =>
        spans.some(({ traceId }) => ids.has(traceId) && !ofPath.includes(traceId)),
      );
      assert.equal(found[1]?.component, 'cart');
      assert.equal(found[2]?.message, 'seven is 7');
      assert.match(String(found[3]?.span_id), /^[0-9a-f]{16}$/);
      assert.equal(found[5]?.trace_id, 'mine');
      assert.equal(found[6]?.trace_id, found[0]?.trace_id);
    });

    it('carry the ids of each request that an object is logged in, those of winston', async () => {
      const { lines } = await logged.get('/reused');
      const { traceId } = await logged.entry('/reused');
      assert.deepEqual(
        lines.map((line) => parse(line).trace_id),
        [traceId],
      );
    });

    it('carry none outside of every request', async () => {
      const { lines } = await logged.get('/outside');
      assert.equal(lines.length, 3);
      for (const line of lines) assert.equal(line.includes('trace_id'), false);
    });

    it('are sent as they were written, those of pino', async () => {
      const hello = await logged.log('hello you');
      const { traceId, spanId } = await logged.entry('/pino');
      assert.equal(hello.traceId, traceId);
      assert.equal(hello.spanId, spanId);
      assert.equal(hello.severityNumber, 9);
      assert.equal(hello.severityText, 'info');
      assert.equal(hello.scope.name, 'pino');
      assert.deepEqual(hello.attributes, { user: 7, password: '[Redacted]' });
      const child = await logged.log('from a child');
      assert.equal(child.severityNumber, 13);
      assert.deepEqual(child.attributes, { component: 'cart' });
      assert.deepEqual((await logged.log('with a mixin')).attributes, { mixed: true });
      assert.equal((await logged.log('outside of every request')).traceId, '');
    });

    it('tell of exceptions', async () => {
      const { logs } = logged.collector;
      await logged.log('failed');
      const byPino = logs.find(({ body, scope }) => body === 'failed' && scope.name === 'pino');
      assert.equal(byPino?.severityNumber, 17);
      assert.equal(byPino?.attributes['exception.type'], 'RangeError');
      assert.equal(byPino?.attributes['exception.message'], 'too far');
      assert.match(String(byPino?.attributes['exception.stacktrace']), /RangeError: too far\n +at/);
      assert.deepEqual(byPino?.attributes.err, { code: 'E_FAR' });
      const byWinston = logs.find(
        ({ body, scope }) => scope.name === 'winston' && String(body).startsWith('failed'),
      );
      assert.equal(byWinston?.severityNumber, 17);
      assert.equal(byWinston?.attributes['exception.type'], 'RangeError');
      assert.equal(byWinston?.attributes['exception.message'], 'too far');
      assert.match(String(byWinston?.attributes['exception.stacktrace']), /RangeError: too far\n/);
      assert.equal(byWinston?.attributes.code, 'E_FAR');
    });

    it('are sent as the format left them, those of winston', async () => {
      const hello = await logged.log('hello');
      assert.equal(hello.severityNumber, 9);
      assert.equal(hello.scope.name, 'winston');
      assert.deepEqual(hello.attributes, { user: 7, password: '***' });
      assert.ok(logged.collector.spans.some(({ spanId }) => spanId === hello.spanId));
      assert.equal((await logged.log('seven is 7')).attributes.extra, true);
      const bodies = logged.collector.logs.map(({ body }) => body);
      assert.equal(bodies.includes('not enabled'), false);
    });

    it('are sent, those of console, and printed as before', async () => {
      await logged.get('/console');
      const { traceId } = await logged.entry('/console');
      const line = await logged.log('from console 7');
      assert.equal(line.traceId, traceId);
      assert.equal(line.severityNumber, 9);
      assert.deepEqual(line.scope, { name: 'console', version: '' });
      await logged.log('{ deep: { value: 1 } }');
      const warning = logged.collector.logs.find(({ body }) => String(body).includes('a warning'));
      assert.equal(warning?.severityNumber, 13);
      assert.equal(warning?.attributes['exception.type'], 'RangeError');
    });

    it('are not sent from where nothing is to be recorded', async () => {
      await logged.get('/suppressed');
      await logged.log('after the suppressed');
      const bodies = logged.collector.logs.map(({ body }) => String(body));
      assert.deepEqual(
        bodies.filter((body) => body.startsWith('suppressed')),
        [],
      );
    });

    it('hold nothing that was redacted', () => {
      assert.ok(logged.collector.logs.length > 10);
      assert.equal(inspect(logged.collector.logs, { depth: null }).includes('hunter2'), false);
    });

    it('stay as they are, and are not sent, where that is asked for', async () => {
      const { lines } = await bare.get('/pino');
      assert.equal(lines.length, 8);
      const ownOnly = lines.filter((line) => line.includes('span_id'));
      assert.deepEqual(ownOnly, []);
      await bare.entry('/pino');
      assert.equal(bare.collector.logs.length, 0);
    });
  });

  it(`${env.PINO} gives the ids to a transport in a worker`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'venturi-logs-'));
    const collector = new FakeCollector();
    await collector.listen();
    const file = join(folder, 'lines');
    const app = new App({ fixture: 'logs-transport.cjs', collector, env, args: [file] });
    try {
      await app.get('/');
      const written = async (): Promise<string> => readFile(file, 'utf8').catch(() => '');
      let text = '';
      while (text === '') text = await written();
      const [entry] = await collector.waitForSpans((spans) => spans.length > 0);
      assert.equal(parse(text.split('\n')[0] as string).trace_id, entry?.traceId);
      assert.equal(collector.logs.length, 0, 'lines are not sent unless that is asked for');
    } finally {
      await app.stop();
      await collector.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
}

describe('lines in an ES module', { concurrency: false }, () => {
  const logged = new Logged();
  before(() => logged.start('logs-fastify.mjs', {}));
  after(() => logged.stop());

  it('carry the ids from the first of a request to the last, in Fastify', async () => {
    const app = logged as unknown as { get(path: string): Promise<unknown> };
    await assert.rejects(app.get('/work'), SyntaxError, 'the answer is no JSON');
    const { traceId } = await logged.entry('/work');
    let lines: string[] = [];
    while (!lines.some((line) => line.includes('request completed'))) {
      lines = (await logged.get('/lines')) as unknown as string[];
    }
    const ofRequest = lines.map(parse).filter(({ trace_id }) => trace_id === traceId);
    const messages = ofRequest.map(({ msg, message }) => msg ?? message);
    assert.deepEqual(messages.sort(), [
      'imported pino',
      'imported winston',
      'in the handler',
      'incoming request',
      'request completed',
    ]);
  });
});

describe('a collector that takes no logs', { concurrency: false }, () => {
  it('is told of once, and is sent no more of them', async () => {
    const logged = new Logged();
    const [env] = VERSIONS;
    logged.collector.statusOf = (path) => (path === '/v1/logs' ? 404 : 200);
    await logged.start('logs.cjs', {
      ...env,
      VENTURI_LOGS: 'forward',
      VENTURI_METRICS_INTERVAL_MS: '200',
    });
    await logged.get('/burst');
    const ofLogs = (): number =>
      logged.collector.requests.filter(({ path }) => path === '/v1/logs').length;
    const dropped = (): number =>
      logged.collector.metrics
        .filter(({ name }) => name === 'venturi.agent.logs.dropped')
        .reduce((sum, { points }) => sum + Number(points[0]?.value ?? 0), 0);
    await waitUntil(
      () => dropped() >= 20,
      () => String(dropped()),
    );
    const sent = ofLogs();
    assert.ok(sent >= 1);
    await logged.get('/burst');
    await logged.get('/burst');
    await waitUntil(
      () => dropped() >= 21,
      () => String(dropped()),
    );
    await logged.entry('/burst');
    assert.equal(ofLogs(), sent);
    const stderr = await logged.stop();
    assert.equal(stderr.match(/venturi:/g)?.length, 1);
    assert.match(stderr, /takes no logs.*VENTURI_A024/);
  });
});
