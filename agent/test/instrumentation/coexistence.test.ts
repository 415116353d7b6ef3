// Products that record the same requests go on as before, and the agent sees the requests none the less.

import assert from 'node:assert/strict';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { App, type AppOptions, REGISTER } from '../support/app.js';
import { FakeCollector, waitUntil } from '../support/fake-collector.js';
import { peersFolder } from '../support/peers.js';
import { fixturePath } from '../support/stalls.js';

const PATHS = ['/orders/1', '/orders/2', '/broken'];
const SERVER = 2;
const CLIENT = 3;

interface Recorded {
  name?: string;
  error?: string;
  spans?: string[];
}

describe('beside the agent', { concurrency: false }, () => {
  const collector = new FakeCollector();
  const backend = http.createServer((_request, response) => response.end('7'));
  let env: Record<string, string> = {};

  before(async () => {
    const PEERS = peersFolder();
    await collector.listen();
    await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
    const BACKEND = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`;
    env = {
      ...{
        PEERS,
        BACKEND,
        DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
        DD_TRACE_AGENT_PORT: '9',
      },
      ...{ DD_REMOTE_CONFIGURATION_ENABLED: 'false', NEW_RELIC_NO_CONFIG_FILE: 'true' },
      ...{ NEW_RELIC_APP_NAME: 'test', NEW_RELIC_LICENSE_KEY: '0'.repeat(40) },
      ...{ NEW_RELIC_LOG_ENABLED: 'false', NEW_RELIC_HOST: '127.0.0.1', NEW_RELIC_PORT: '9' },
      ...{ NEW_RELIC_UTILIZATION_DETECT_AWS: 'false', NEW_RELIC_UTILIZATION_DETECT_GCP: 'false' },
      ...{ NEW_RELIC_UTILIZATION_DETECT_AZURE: 'false', NEW_RELIC_UTILIZATION_DETECT_PCF: 'false' },
      ...{ NEW_RELIC_UTILIZATION_DETECT_DOCKER: 'false' },
    };
  });
  after(async () => {
    await collector.close();
    await new Promise((resolve) => backend.close(resolve));
  });

  /** Asks for each path, and then for what the product has recorded of them. */
  const use = async (
    options: Omit<AppOptions, 'fixture'>,
  ): Promise<{ answers: string[]; recorded: Recorded[]; stderr: string }> => {
    const app = new App({ fixture: 'coexistence.cjs', ...options });
    const answers: string[] = [];
    for (const path of PATHS) {
      const { status, body } = await app.get(path);
      answers.push(`${status} ${body}`);
    }
    if (options.collector !== undefined) {
      await waitUntil(isSeen, () => JSON.stringify(collector.spans.map(({ name }) => name)));
    }
    let recorded: Recorded[] = [];
    // What it records of asking for what it has recorded.
    const named = (): Recorded[] => recorded.filter(({ name }) => !/recorded/.test(name ?? ''));
    const isWhole = (): boolean => {
      const isError =
        options.env?.PRODUCT === 'sentry' ? recorded.some(({ error }) => error) : true;
      const requests = named().filter(({ name }) => /orders|broken/.test(name ?? ''));
      return isError && requests.length >= PATHS.length;
    };
    const untilMs = Date.now() + 15_000;
    do recorded = JSON.parse((await app.get('/recorded')).body) as Recorded[];
    while (options.env?.PRODUCT !== 'none' && !isWhole() && Date.now() < untilMs);
    const { stderr } = await app.stop();
    // Errors and requests are sent apart, in no certain order.
    const sorted = named().sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    return { answers, recorded: sorted, stderr };
  };

  const isSeen = (): boolean => {
    const entries = collector.spans.filter(({ kind }) => kind === SERVER);
    return PATHS.every((path) => entries.some(({ attributes }) => attributes['url.path'] === path));
  };

  for (const product of ['sentry', 'dd-trace', 'newrelic']) {
    const start = (): { productEnv: Record<string, string> } => {
      collector.spans.length = 0;
      return { productEnv: { ...env, PRODUCT: product } };
    };
    const assertSeen = (stderr: string): void => {
      const entry = collector.spans.find(
        ({ attributes }) => attributes['url.path'] === '/orders/1',
      );
      assert.equal(entry?.name, 'GET /orders/:id');
      const call = collector.spans.find(
        ({ kind, parentSpanId }) => kind === CLIENT && parentSpanId === entry?.spanId,
      );
      assert.match(String(call?.attributes['url.full']), /\/price$/);
      const lines = stderr.split('\n').filter((line) => line.startsWith('venturi:'));
      assert.equal(lines.length, 1, stderr);
      assert.match(lines[0] as string, new RegExp(`${product}.* runs in this process too`));
    };

    it(`${product} records what it records without it, and both see the requests`, async () => {
      const { productEnv } = start();
      const alone = await use({ nodeArgs: [], env: productEnv });
      const both = await use({ nodeArgs: ['--require', REGISTER], collector, env: productEnv });
      assert.deepEqual(both.answers, alone.answers);
      assert.deepEqual(withoutOurs(both.recorded), alone.recorded);
      assertSeen(both.stderr);
    });

    it(`${product} that was loaded before it records the requests as well`, async () => {
      const { productEnv } = start();
      const nodeArgs = ['--require', fixturePath('coexistence-product.cjs'), '--require', REGISTER];
      const both = await use({ nodeArgs, collector, env: productEnv });
      assert.deepEqual(both.answers, ['200 {"id":"1"}', '200 {"id":"2"}', '500 broken']);
      const requests = both.recorded.filter(({ name }) => /orders|broken/.test(name ?? ''));
      assert.equal(requests.length, PATHS.length);
      assertSeen(both.stderr);
    });
  }
});

/** dd-trace makes a span of each connection, also of the one to the collector. */
function withoutOurs(recorded: readonly Recorded[]): Recorded[] {
  return recorded.filter(({ spans }) => spans?.join() !== 'tcp.connect');
}
