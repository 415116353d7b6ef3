// The oldest and the newest published copy of OpenTelemetry's API, alone and together, find working tracers, contexts
// and propagation in the agent, whether they were loaded before it or after.

import assert from 'node:assert/strict';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { App, REGISTER } from '../support/app.js';
import { FakeCollector } from '../support/fake-collector.js';

const SERVER = 2;
const CLIENT = 3;
const MODULES = join(__dirname, '..', '..', '..', '..', 'node_modules');

/** Loading two copies takes its time, which the watchdog may report. */
const STALL = 'event loop blocked';

/** The copies, each with its entry for `require` and for `import`. */
const COPIES = {
  oldest: {
    alias: 'opentelemetry-api-low',
    require: 'build/src/index.js',
    import: 'build/src/index.js',
  },
  newest: { alias: 'opentelemetry-api-next', require: 'dist/index.cjs', import: 'dist/index.mjs' },
} as const;
type Copy = keyof typeof COPIES;
type How = 'require' | 'import';

const isOfRequest = ({ name }: { name: string }): boolean => name !== STALL;

const COMBINATIONS: readonly Copy[][] = [
  ['oldest'],
  ['newest'],
  ['oldest', 'newest'],
  ['newest', 'oldest'],
];

describe("Published copies of OpenTelemetry's API", { concurrency: false }, () => {
  const collector = new FakeCollector();
  let folder = '';

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'venturi-agent-copies-'));
    // A copy is told by its name, which an alias has changed in the path.
    for (const [name, { alias }] of Object.entries(COPIES)) {
      await cp(join(MODULES, alias), packageIn(name), { recursive: true });
    }
    await collector.listen();
  });
  after(async () => {
    await collector.close();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    collector.spans.length = 0;
  });

  const packageIn = (name: string): string =>
    join(folder, name, 'node_modules', '@opentelemetry', 'api');

  const assertServed = async (how: How, copies: readonly Copy[], isEarly: boolean) => {
    const files = copies.map((copy) => join(packageIn(copy), COPIES[copy][how]));
    const flag = how === 'require' ? '--require' : '--import';
    const early = isEarly ? files.flatMap((file) => [flag, file]) : [];
    const app = new App({
      fixture: 'api-copies.cjs',
      collector,
      args: [how, ...files],
      nodeArgs: [...early, flag, REGISTER],
    });
    const { body } = await app.get('/');
    await collector.waitForSpans((all) => all.filter(isOfRequest).length >= 5);
    const spans = collector.spans.filter(isOfRequest);
    const { stderr } = await app.stop();
    assert.deepEqual(JSON.parse(body), {
      isActive: true,
      isSameSpan: true,
      isRemote: true,
      tenant: 'acme',
    });
    const outer = spans.find(({ name }) => name === 'outer');
    const inner = spans.find(({ name }) => name === 'inner');
    const entry = spans.find(
      ({ kind, spanId }) => kind === SERVER && spanId === outer?.parentSpanId,
    );
    const request = spans.find(({ kind }) => kind === CLIENT);
    const leaf = spans.find(
      ({ kind, parentSpanId }) => kind === SERVER && parentSpanId === request?.spanId,
    );
    assert.ok(entry !== undefined && leaf !== undefined);
    assert.equal(inner?.parentSpanId, outer?.spanId);
    assert.equal(request?.parentSpanId, inner?.spanId);
    assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1);
    assert.equal(stderr, '');
  };

  for (const copies of COMBINATIONS) {
    for (const how of ['require', 'import'] as const) {
      for (const isEarly of [false, true]) {
        const order = isEarly ? 'before' : 'after';
        it(`serves the ${copies.join(' and the ')} by ${how}, loaded ${order} the agent`, () =>
          assertServed(how, copies, isEarly));
      }
    }
  }
});
