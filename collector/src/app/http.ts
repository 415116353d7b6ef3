// The HTTP server: OTLP, the read API, the viewer and health on one port.
import { readFileSync } from 'node:fs';
import { type FastifyInstance, fastify } from 'fastify';
import type { Store } from '../clickhouse/store.js';
import type { Config } from '../config/parse.js';
import { locate } from '../query/locate/index.js';
import { createPanels } from '../query/panels/index.js';
import type { Batches } from '../receive/batches.js';
import { registerReceive, type StoreRequest } from '../receive/routes.js';
import type { Clock } from '../self/clock.js';
import type { Counters } from '../self/counters.js';
import { errorBody, toVenturiError, VenturiError } from '../self/errors.js';
import type { Log } from '../self/log.js';
import type { Watch } from '../self/watch.js';
import { registerServe } from '../serve/index.js';
import { registerHealth } from './health.js';

export interface HttpDeps {
  config: Config;
  log: Log;
  clock: Clock;
  counters: Counters;
  watch: Watch;
  store: Store;
  batches: Batches;
  storeRequest: StoreRequest;
  flush(): Promise<void>;
  ready(): Promise<void>;
}

export interface Http {
  fastify: FastifyInstance;
  /** Takes no new requests and waits for those under way, as long as the drain may last. */
  close(): Promise<void>;
}

const keepAliveTimeoutMs = 65_000;
/** Ports tried one after the other where the wanted one is taken. */
const portsTriedMax = 100;

/** Builds the server with all routes; it does not listen yet. */
export async function createHttp(deps: HttpDeps): Promise<Http> {
  const { config, clock } = deps;
  const server = fastify({
    requestTimeout: config.requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    bodyLimit: config.requestBytesMax,
    forceCloseConnections: 'idle',
  });
  server.setNotFoundHandler((_request, reply) => {
    const error = new VenturiError('NOT_FOUND');
    return reply.code(error.httpStatus).send(errorBody(error));
  });
  server.setErrorHandler((thrown, _request, reply) => {
    const error = toVenturiError(thrown);
    deps.log.error({ err: thrown }, 'a request failed');
    return reply.code(error.httpStatus).send(errorBody(error));
  });
  registerHealth(server, { version, dataDir: config.dataDir, ready: deps.ready });
  registerReceive(server, {
    ...{ store: deps.storeRequest, batches: deps.batches, limits: config },
    ...{ counters: deps.counters, log: deps.log.child({ part: 'receive' }) },
  });
  const { store, log, watch, counters, flush } = deps;
  await registerServe(server, {
    ...{ config, log: log.child({ part: 'serve' }), clock, watch, counters, flush },
    panels: createPanels({ store, dashboardsDir: config.dashboardsDir }),
    locate: (fromMs, toMs) => locate(store, { fromMs, toMs }),
  });
  return { fastify: server, close: () => closeWithin(server, deps) };
}

/** Listens on the configured port. Throws PORT_TAKEN, unless other ports may be tried. */
export async function listen(http: Http, config: Config): Promise<{ port: number; url: string }> {
  const last = config.portSearch ? Math.min(config.port + portsTriedMax, 65_535) : config.port;
  for (let port = config.port; ; port += 1) {
    try {
      await http.fastify.listen({ host: config.host, port });
      break;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
      const detail = `${config.host}:${config.port}`;
      if (port >= last) throw new VenturiError('PORT_TAKEN', { detail, cause });
    }
  }
  const address = http.fastify.server.address();
  const port = typeof address === 'object' && address ? address.port : config.port;
  return { port, url: `http://${urlHost(config.host)}:${port}` };
}

/** A wildcard address is no place to go to, and an IPv6 address needs brackets. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

async function closeWithin(server: FastifyInstance, deps: HttpDeps): Promise<void> {
  const late = deps.clock.after(deps.config.drainTimeoutMs, () => {
    deps.log.warn('requests were still under way when the drain ended');
    server.server.closeAllConnections();
  });
  await server.close();
  late.cancel();
}

const manifest: unknown = JSON.parse(
  readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
);
const version =
  typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : '';
