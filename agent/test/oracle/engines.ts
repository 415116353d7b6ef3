// One fixture under two engines: the agent, and OpenTelemetry's SDK with the instrumentations of its own.

import * as http from 'node:http';
import { App } from '../support/app.js';
import { FakeCollector, waitUntil } from '../support/fake-collector.js';
import type { DecodedSpan } from '../support/otlp-proto.js';
import { fixturePath } from '../support/stalls.js';
import { type SpanTree, treeOf } from './span-tree.js';

const SERVER = 2;

/** A request of the traffic. */
export interface Ask {
  /** Without a query the key by which its spans are found. */
  path: string;
  /** With its question mark. */
  query?: string;
  method?: string;
  body?: string;
  /** Closes the connection before the answer. */
  isAborted?: boolean;
}

/** A fixture that runs under one engine. */
export interface Engine {
  /** Sends the traffic, one request after the other. @returns status and body of each answer */
  send(asks: readonly Ask[]): Promise<string[]>;
  /** What was recorded for a path. */
  tree(path: string): SpanTree;
  stop(): Promise<void>;
}

const AGENT_ENV = {
  VENTURI_WATCHDOG: 'false',
  // Only of what is slow it makes spans, and on a busy machine everything may be.
  VENTURI_SLOW_HANDLER_MS: '60000',
};
const SDK_ENV = {
  OTEL_SEMCONV_STABILITY_OPT_IN: 'http,database',
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
};

/** Starts a fixture under the agent. */
export async function startUnderAgent(
  fixture: string,
  env: Record<string, string>,
): Promise<Engine> {
  const collector = new FakeCollector();
  await collector.listen();
  return engine(collector, new App({ fixture, collector, env: { ...AGENT_ENV, ...env } }));
}

/** Starts a fixture under the SDK. */
export async function startUnderSdk(fixture: string, env: Record<string, string>): Promise<Engine> {
  const collector = new FakeCollector();
  await collector.listen();
  const nodeArgs = ['--require', fixturePath('oracle-otel.cjs')];
  const all = { ...SDK_ENV, ORACLE_ENDPOINT: collector.url, ...env };
  return engine(collector, new App({ fixture, nodeArgs, env: all }));
}

function engine(collector: FakeCollector, app: App): Engine {
  const entriesOf = (path: string): DecodedSpan[] =>
    collector.spans.filter(
      ({ kind, attributes, parentSpanId }) =>
        kind === SERVER && parentSpanId === '' && attributes['url.path'] === path,
    );
  return {
    async send(asks) {
      const port = await app.port();
      const answers: string[] = [];
      for (const ask of asks) answers.push(await answerTo(port, ask));
      for (const { path } of asks) await arrival(path, 1);
      // What ended late has been sent before what comes after it.
      const { path } = asks[0] as Ask;
      await answerTo(port, { path });
      await arrival(path, 2);
      return answers;
    },
    tree: (path) => treeOf(entriesOf(path)[0] as DecodedSpan, collector.spans),
    async stop() {
      await app.stop();
      await collector.close();
    },
  };

  function arrival(path: string, count: number): Promise<void> {
    return waitUntil(
      () => entriesOf(path).length >= count,
      () => `entry ${count} of ${path} among ${JSON.stringify(collector.spans.map((s) => s.name))}`,
    );
  }
}

const ABORT_MS = 60;

function answerTo(
  port: number,
  { path, query = '', method = 'GET', body, isAborted }: Ask,
): Promise<string> {
  return new Promise((resolve) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const options = {
      ...{ host: '127.0.0.1', port, path: path + query, method, headers },
      agent: false,
    };
    const request = http.request(options, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += String(chunk)));
      response.on('end', () => resolve(`${response.statusCode} ${text}`));
    });
    request.on('error', () => resolve('no answer'));
    request.end(body);
    if (isAborted) setTimeout(() => request.destroy(), ABORT_MS);
  });
}
