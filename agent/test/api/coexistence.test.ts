// Copies of OpenTelemetry's API of every age and form read ours, and give its place to an application's own provider.

import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { buildSync } from 'esbuild';
import { App, REGISTER } from '../support/app.js';
import { FakeCollector } from '../support/fake-collector.js';
import type { DecodedSpan } from '../support/otlp-proto.js';

const SERVER = 2;
/** Loading an SDK takes its time. */
const STALL = 'event loop blocked';
const ROOT = join(__dirname, '..', '..', '..', '..');
const API = join(ROOT, 'node_modules', '@opentelemetry', 'api');

describe("OpenTelemetry's API", { concurrency: false }, () => {
  const ours = new FakeCollector();
  const theirs = new FakeCollector();
  let folder = '';

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'venturi-agent-api-'));
    await Promise.all([ours.listen(), theirs.listen()]);
  });
  after(async () => {
    await Promise.all([ours.close(), theirs.close()]);
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    ours.spans.length = 0;
    theirs.spans.length = 0;
  });

  /** A copy of the API that says it is of another version. */
  const copyOf = async (version: string): Promise<string> => {
    const copy = join(folder, version, 'node_modules', '@opentelemetry', 'api');
    await mkdir(copy, { recursive: true });
    await cp(API, copy, { recursive: true });
    for (const file of ['package.json', 'build/src/version.js']) {
      const text = await readFile(join(copy, file), 'utf8');
      await writeFile(join(copy, file), text.replace(/1\.9\.0/g, version));
    }
    return copy;
  };

  const ownSpans = async (app: App): Promise<{ body: string; spans: DecodedSpan[] }> => {
    const { body } = await app.get('/');
    const spans = await ours.waitForSpans((all) => all.length >= 3);
    return { body, spans };
  };
  const assertNested = (spans: readonly DecodedSpan[]): void => {
    const [entry, own, inner] = ['GET', 'own', 'inner'].map((name) =>
      spans.find((span) => span.name === name),
    );
    assert.equal(entry?.kind, SERVER);
    assert.equal(own?.parentSpanId, entry?.spanId);
    assert.equal(inner?.parentSpanId, own?.spanId);
  };

  for (const version of ['1.0.0', '1.4.1', '1.9.1', '1.10.0', '1.42.0']) {
    it(`serves a copy of version ${version}`, async () => {
      const app = new App({
        fixture: 'api-app.cjs',
        collector: ours,
        args: [await copyOf(version)],
      });
      const { spans } = await ownSpans(app);
      const { stdout, stderr } = await app.stop();
      assertNested(spans);
      assert.match(stdout, /root true/);
      assert.equal(stderr, '');
    });
  }

  it('serves ES modules', async () => {
    const app = new App({ fixture: 'api-app.mjs', collector: ours });
    const { spans } = await ownSpans(app);
    await app.stop();
    assertNested(spans);
  });

  it('serves tracers that were there before the agent', async () => {
    const early = join(ROOT, 'agent', 'test', 'fixtures', 'api-early.cjs');
    const app = new App({
      fixture: 'api-app.cjs',
      collector: ours,
      nodeArgs: ['--require', early, '--require', REGISTER],
    });
    const { spans } = await ownSpans(app);
    const { stdout, stderr } = await app.stop();
    assertNested(spans);
    assert.equal(spans.find(({ name }) => name === 'own')?.scope.name, 'early');
    assert.match(stdout, /root true/);
    assert.equal(stderr, '');
  });

  it('does without us where it is told to', async () => {
    const app = new App({ fixture: 'api-app.cjs', collector: ours, env: { VENTURI_API: 'false' } });
    const { body } = await app.get('/');
    await ours.waitForSpans((all) => all.some(({ kind }) => kind === SERVER));
    await app.stop();
    assert.equal(JSON.parse(body).isRecording, false);
    assert.equal(ours.spans.length, 1);
  });

  /** The application's provider records and exports as without us, and we record its requests. */
  const assertBoth = async (app: App): Promise<void> => {
    const { body } = await app.get('/orders');
    assert.equal(body, 'active');
    await theirs.waitForSpans((all) => all.length >= 3);
    await ours.waitForSpans((all) => all.length >= 1);
    // Time enough for an export of theirs to be recorded by us, if it were.
    await app.get('/orders');
    await theirs.waitForSpans((all) => all.length >= 6);
    const { stderr } = await app.stop('SIGTERM');
    const own = theirs.spans.find(({ name }) => name === 'by an early tracer');
    const later = theirs.spans.find(({ name }) => name === 'by a later tracer');
    assert.equal(later?.parentSpanId, own?.spanId);
    assert.ok(theirs.spans.some(({ kind }) => kind === SERVER));
    const others = ours.spans.filter(({ kind, name }) => kind !== SERVER && name !== STALL);
    assert.deepEqual(
      others.map(({ name, attributes }) => [name, attributes['url.full']]),
      [],
    );
    assert.match(stderr, /has its own OpenTelemetry provider \(\w+\).*VENTURI_A020/);
    assert.equal(stderr.match(/VENTURI_A\d+/g)?.length, 1, stderr);
  };

  it('is given to the provider of a NodeSDK that the application starts', async () => {
    await assertBoth(
      new App({ fixture: 'api-sdk.cjs', collector: ours, env: { THEIRS: theirs.url } }),
    );
  });

  for (const minify of [false, true]) {
    it(`is given to a provider in a bundle${minify ? ' that was minified' : ''}`, async () => {
      const outfile = join(folder, `bundle-${minify}.cjs`);
      buildSync({
        entryPoints: [join(ROOT, 'agent', 'test', 'fixtures', 'api-bundle.cjs')],
        outfile,
        bundle: true,
        minify,
        platform: 'node',
        logLevel: 'error',
      });
      await assertBoth(new App({ fixture: outfile, collector: ours, env: { THEIRS: theirs.url } }));
    });
  }

  for (const minify of [false, true]) {
    it(`takes what an ES module registers${minify ? ', minified,' : ''} as if ours had not been there`, async () => {
      const outfile = join(folder, `copy-${minify}.mjs`);
      buildSync({
        entryPoints: [join(API, 'build', 'esm', 'index.js')],
        outfile,
        bundle: true,
        minify,
        format: 'esm',
        logLevel: 'error',
      });
      const app = new App({ fixture: 'api-register.mjs', collector: ours, args: [outfile] });
      const { stdout, stderr } = await app.ended;
      assert.deepEqual(JSON.parse(stdout), {
        logger: true,
        isOursFirst: true,
        // Ours goes on until there is a provider for theirs.
        context: true,
        isWaiting: true,
        propagation: true,
        propagationTwice: false,
        fields: ['first'],
        trace: true,
        traceTwice: false,
        isContextTheirs: true,
        fieldsAfter: ['first'],
        early: { tracer: 'early' },
        late: { tracer: 'late' },
        again: true,
      });
      assert.match(stderr, /has its own OpenTelemetry provider.*VENTURI_A020/);
      assert.equal(stderr.match(/VENTURI_A\d+/g)?.length, 1);
    });
  }

  it('is left to a provider that was registered before the agent', async () => {
    await assertBoth(
      new App({
        fixture: 'api-sdk.cjs',
        collector: ours,
        nodeArgs: [
          '--require',
          join(ROOT, 'agent', 'test', 'fixtures', 'api-sdk-start.cjs'),
          '--require',
          REGISTER,
        ],
        env: { THEIRS: theirs.url },
      }),
    );
  });
});
