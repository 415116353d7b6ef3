// ClickHouse's HTTP protocol on 127.0.0.1: enough of it for ClickHouse's clients, curl and Grafana's datasource.
import { randomUUID, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { exception, httpStatusOf, toException } from './exception.js';
import type { Answer, Executor } from './execute.js';
import { readRequest } from './request.js';

const gzipAsync = promisify(gzip);

/** ClickHouse's http_max_uri_size. */
const uriBytesMax = 1024 * 1024;
/** Compressing less than this costs more than it saves. */
const compressBytesMin = 1024;

/** Creates the server; it does not listen yet. */
export function createEngineServer(executor: Executor, key: string): Server {
  const server = createServer(
    { maxHeaderSize: uriBytesMax + 16 * 1024, keepAliveTimeout: 10_000, requestTimeout: 300_000 },
    (request, response) => {
      answer({ executor, key, request, response }).catch(() => response.destroy());
    },
  );
  server.maxConnections = 256;
  return server;
}

interface Exchange {
  executor: Executor;
  key: string;
  request: IncomingMessage;
  response: ServerResponse;
}

async function answer(exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  const queryId = randomUUID();
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  try {
    refuseOtherHosts(request);
    const path = (request.url ?? '/').split('?')[0];
    if (isHealthCheck(request, path)) {
      sendText(response, 200, 'Ok.\n');
      return;
    }
    if (path !== '/') {
      sendText(response, 404, `There is no handle ${path}. Use / or /ping for health checks.\n`);
      return;
    }
    const parsed = readRequest(request, queryId);
    response.setHeader('X-ClickHouse-Query-Id', parsed.queryId);
    const mayWrite = hasKey(parsed.key, exchange.key);
    const result = await exchange.executor.execute(parsed, { mayWrite, signal: gone.signal });
    await sendAnswer(response, result, parsed.gzip);
  } catch (thrown) {
    sendException(exchange, thrown);
  }
}

function isHealthCheck(request: IncomingMessage, path: string | undefined): boolean {
  if (path === '/ping' || path === '/replicas_status') return true;
  return request.url === '/' && (request.method === 'GET' || request.method === 'HEAD');
}

/**
 * A web page can make a browser ask a name that resolves to 127.0.0.1 (DNS rebinding); the name
 * is then in the Host header. Addresses and localhost cannot be rebound.
 */
function refuseOtherHosts(request: IncomingMessage): void {
  const host = (request.headers.host ?? 'localhost').replace(/:\d+$/, '').toLowerCase();
  if (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    /^[\d.]+$|^\[[\da-f:.]+\]$/.test(host)
  ) {
    return;
  }
  throw exception(497, `The host ${host.slice(0, 100)} is not served: use 127.0.0.1 or localhost`);
}

function hasKey(given: string, key: string): boolean {
  if (given === '') return false;
  const [a, b] = [Buffer.from(given), Buffer.from(key)];
  if (a.length === b.length && timingSafeEqual(a, b)) return true;
  throw exception(516, 'Authentication failed: the venturi-key is not that of this engine');
}

async function sendAnswer(
  response: ServerResponse,
  result: Answer,
  gzipped: boolean,
): Promise<void> {
  const compress = gzipped && result.bytes.length >= compressBytesMin;
  const body = compress ? await gzipAsync(result.bytes, { level: 3 }) : result.bytes;
  response.writeHead(200, {
    'Content-Type': contentType(result.format),
    'Content-Length': body.length,
    ...(compress ? { 'Content-Encoding': 'gzip' } : {}),
    'X-ClickHouse-Format': result.format,
    'X-ClickHouse-Timezone': 'UTC',
    'X-ClickHouse-Server-Display-Name': 'venturi-engine',
    'X-ClickHouse-Summary': JSON.stringify({
      read_rows: String(result.rowsRead),
      read_bytes: String(result.bytesRead),
      result_bytes: String(result.bytes.length),
      elapsed_ns: String(Math.round(result.elapsed * 1e9)),
    }),
  });
  response.end(body);
}

function sendException(exchange: Exchange, thrown: unknown): void {
  const { request, response } = exchange;
  if (response.headersSent || response.destroyed) return;
  const failure = toException(thrown);
  const status = httpStatusOf(failure.code);
  response.setHeader('X-ClickHouse-Exception-Code', failure.code);
  if (status === 503) response.setHeader('Retry-After', '1');
  // A body that nobody will read is not waited for: the connection ends after the answer.
  if (!request.complete) response.setHeader('Connection', 'close');
  sendText(response, status, `${failure.message}\n`);
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=UTF-8',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}

function contentType(format: string): string {
  if (/^JSON(Compact)?(Strings)?$|^JSONColumns|^JSONObject/.test(format)) {
    return 'application/json; charset=UTF-8';
  }
  if (/EachRow/.test(format)) return 'application/x-ndjson; charset=UTF-8';
  if (/^(TSV|TabSeparated)/.test(format)) return 'text/tab-separated-values; charset=UTF-8';
  if (/^CSV/.test(format)) return 'text/csv; charset=UTF-8';
  if (/^(Native|RowBinary|Arrow|Parquet|ORC|Avro)/.test(format)) return 'application/octet-stream';
  return 'text/plain; charset=UTF-8';
}
