// The agent in worker threads: the application's, and not those that libraries start for themselves.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, before, describe, it } from 'node:test';
import { isApplications } from '../../src/instrumentation/modules/worker-threads.js';
import { App } from '../support/app.js';
import { FakeCollector, waitUntil } from '../support/fake-collector.js';

const SERVER = 2;
const CLIENT = 3;

describe('a worker thread of the application', () => {
  const collector = new FakeCollector();
  let app: App | undefined;

  before(() => collector.listen());
  afterEach(async () => {
    await app?.stop();
    collector.spans.length = 0;
    collector.metrics.length = 0;
  });
  after(() => collector.close());

  const start = (fixture: string, args: string[], env: Record<string, string>): App => {
    app = new App({ fixture, collector, args, env });
    return app;
  };

  for (const end of ['exit', 'close']) {
    it(`has its requests recorded, and sends them where it ends by ${end}`, async () => {
      // So that only its end can be what sends them.
      const env = { VENTURI_FLUSH_INTERVAL_MS: '60000' };
      const service = start('worker-threads.cjs', [end], env);
      const [told] = (await once(service.child, 'message')) as [Record<string, unknown>];
      assert.equal((await service.get('/')).body, 'served');
      service.child.send('end');
      const [{ code }] = (await once(service.child, 'message')) as [{ code: number }];
      assert.equal(code, end === 'exit' ? 3 : 0);
      const spans = await collector.waitForSpans(({ length }) => length >= 3);
      const entry = spans.find(({ attributes }) => attributes['url.path'] === '/');
      const call = spans.find(({ kind }) => kind === CLIENT);
      const leaf = spans.find(({ kind, spanId }) => kind === SERVER && spanId !== entry?.spanId);
      assert.equal(call?.parentSpanId, entry?.spanId);
      assert.equal(leaf?.parentSpanId, call?.spanId);
      assert.equal(entry?.resource['thread.id'], 1);
      assert.equal(entry.resource['service.name'], '@venturi/agent');
      assert.equal(told.isWorker, true);
    });
  }

  it('has the agent where its code comes from a file, and not where it is a text', async () => {
    const service = start('worker-threads.cjs', ['close'], {});
    const [told] = (await once(service.child, 'message')) as [Record<string, unknown>];
    const { inWorker, inNested, inText } = told;
    assert.deepEqual(
      { inWorker, inNested, inText },
      { inWorker: true, inNested: false, inText: false },
    );
  });

  it('has it as an ES module', async () => {
    const service = start('worker-threads.mjs', [], {});
    assert.deepEqual(await once(service.child, 'message'), [{ inWorker: true }, undefined]);
  });

  it('has it not with VENTURI_WORKER_THREADS=false', async () => {
    const service = start('worker-threads.mjs', [], { VENTURI_WORKER_THREADS: 'false' });
    assert.deepEqual(await once(service.child, 'message'), [{ inWorker: false }, undefined]);
  });

  it('tells of its own heap and loop, and leaves the process to the main thread', async () => {
    start('worker-threads.cjs', ['close'], { VENTURI_METRICS_INTERVAL_MS: '100' });
    const ofThread = (): string[] =>
      collector.metrics
        .filter(({ resource }) => resource['thread.id'] === 1)
        .map(({ name }) => name);
    await waitUntil(
      () => ofThread().includes('venturi.memory.heap.used'),
      () => ofThread().join(),
    );
    assert.deepEqual(
      ofThread().filter((name) => name.startsWith('process.')),
      [],
    );
  });
});

describe('a thread is the application’s', () => {
  it('by the file that it runs', () => {
    assert.equal(isApplications(['/srv/worker.js']), true);
    assert.equal(isApplications([new URL('file:///srv/worker.mjs'), {}]), true);
    // Pools run what the application gives them.
    assert.equal(isApplications(['/srv/node_modules/piscina/dist/worker.js']), true);
    assert.equal(isApplications(['/srv/node_modules/thread-stream/lib/worker.js']), false);
    assert.equal(isApplications(['postMessage(1)', { eval: true }]), false);
    assert.equal(isApplications([new URL('data:text/javascript,0')]), false);
  });

  it('and has to have room for the agent', () => {
    const limits = (maxOldGenerationSizeMb: number): unknown[] => [
      '/srv/worker.js',
      { resourceLimits: { maxOldGenerationSizeMb } },
    ];
    assert.equal(isApplications(limits(16)), false);
    assert.equal(isApplications(limits(64)), true);
  });
});
