// Whether the agent records the very workloads that are timed as OpenTelemetry's own instrumentations do, but for what
// the table of intended differences says: names, kinds, parents, status, attributes.
import { deepStrictEqual } from 'node:assert/strict';
import { createRequire } from 'node:module';
import { variants } from '../variants.mjs';
import { startChild } from './child.mjs';

const require = createRequire(import.meta.url);
const { FakeCollector, waitUntil } = require('../../dist/test/support/fake-collector.js');
const { edited } = require('../../dist/test/oracle/difference.js');
const { DIFFERENCES } = require('../../dist/test/oracle/differences.js');
const { describe, treeOf } = require('../../dist/test/oracle/span-tree.js');

const serverKind = 2;
const clientKind = 3;
/** A row of the table holds for the spans of its libraries, and the service uses several. */
const edits = DIFFERENCES.flatMap((row) =>
  row.edits.map(
    (edit) => (span, side) => (row.where.includes(libraryOf(span)) ? edit(span, side) : [span]),
  ),
);
/** The first request opens connections, the second finds them. */
const ids = ['1', '2'];
const sides = {
  agent: {
    variant: 'venturi',
    // A busy machine must not add spans of handlers that happened to be slow.
    env: { VENTURI_SLOW_HANDLER_MS: '60000', VENTURI_FLUSH_INTERVAL_MS: '50' },
  },
  sdk: {
    variant: 'otel-lean',
    env: { OTEL_SEMCONV_STABILITY_OPT_IN: 'http,database', OTEL_BSP_SCHEDULE_DELAY: '50' },
  },
};

/**
 * Fails with the difference where there is one.
 * @param rig `node`, `folder` with the packages of the service, and `env` of the servers behind it
 * @returns the spans of the second request, as one line a fact, by workload
 */
export async function checkSpans(rig, workloads) {
  const recorded = {};
  for (const side of Object.keys(sides)) recorded[side] = await record(side, rig, workloads);
  deepStrictEqual(recorded.agent, recorded.sdk);
  return Object.fromEntries(workloads.map((name) => [name, recorded.agent[`/${name}/2`]]));
}

/** Whose span it is, as the table calls it. */
function libraryOf({ name, kind, attributes }) {
  if (attributes['db.system.name'] === 'redis') return 'ioredis';
  if (attributes['db.system.name'] !== undefined || name.startsWith('pg')) return 'pg';
  return kind === clientKind ? 'http client' : 'fastify';
}

/** What a side records of each request, by path. */
async function record(side, { node, folder, env }, workloads) {
  const { variant, env: sideEnv } = sides[side];
  const collector = new FakeCollector();
  await collector.listen();
  const service = await startChild('service.cjs', {
    node,
    cwd: folder,
    args: variants[variant].preload.flatMap((file) => ['--require', file]),
    env: { ...env, ...variants[variant].env(collector.url), ...sideEnv, PEERS_DIR: folder },
  });
  try {
    const { port } = await service.next();
    const paths = ids.flatMap((id) => workloads.map((name) => `/${name}/${id}`));
    for (const path of paths) await ask(port, path);
    // What ended before has arrived with it.
    await ask(port, '/hello/last');
    const entryOf = (path) =>
      collector.spans.find(
        ({ kind, attributes }) => kind === serverKind && attributes['url.path'] === path,
      );
    await waitUntil(
      () => [...paths, '/hello/last'].every((path) => entryOf(path) !== undefined),
      () => `${side}: ${collector.spans.map(({ name }) => name)}`,
    );
    return Object.fromEntries(
      paths.map((path) => [
        path,
        describe(edited(treeOf(entryOf(path), collector.spans), side, edits)),
      ]),
    );
  } finally {
    await service.stop();
    await collector.close();
  }
}

async function ask(port, path) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'bench' }),
  });
  const { name } = await response.json();
  if (response.status !== 200 || name !== 'bench') {
    throw new Error(`${path}: ${response.status} ${name}`);
  }
}
