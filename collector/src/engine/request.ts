// Reads a request as ClickHouse's HTTP interface does: the statement from the URL and the body, settings from the URL.
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { exception } from './exception.js';

export interface EngineRequest {
  /** The statement of the URL; empty where the body holds it. */
  query: string;
  database: string;
  defaultFormat: string;
  settings: Map<string, string>;
  params: Map<string, string>;
  queryId: string;
  clientProtocolVersion: number;
  /** True where the client wants to be answered in gzip. */
  gzip: boolean;
  /** The body, decompressed. */
  body: Readable;
  /** Headers of the collector. */
  key: string;
  file: string;
}

/** URL parameters that are no settings; those without a meaning here are left alone. */
const RESERVED: ReadonlySet<string> = new Set([
  ...['query', 'database', 'default_format', 'query_id', 'user', 'password', 'quota_key', 'role'],
  ...['client_protocol_version', 'enable_http_compression', 'http_zlib_compression_level'],
  ...['wait_end_of_query', 'buffer_size', 'stacktrace', 'send_progress_in_http_headers'],
  ...['http_headers_progress_interval_ms', 'readonly', 'compress', 'decompress', 'session_id'],
  ...['session_timeout', 'session_check', 'close_session', 'http_response_headers'],
]);

/** Parameters that ask for what is not there; saying so is better than answering something else. */
const UNSUPPORTED = ['compress', 'decompress', 'session_id'];

/** Takes a request apart. Throws an EngineException where it asks for something unsupported. */
export function readRequest(request: IncomingMessage, queryId: string): EngineRequest {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const values = url.searchParams;
  for (const name of UNSUPPORTED) {
    const value = values.get(name);
    if (value !== null && value !== '' && value !== '0') {
      throw exception(344, `The embedded engine does not support the URL parameter ${name}`);
    }
  }
  const settings = new Map<string, string>();
  const params = new Map<string, string>();
  for (const [name, value] of values) {
    if (value.includes('\0')) throw exception(62, `A NUL byte in the URL parameter ${name}`);
    if (name.startsWith('param_')) params.set(name.slice('param_'.length), value);
    else if (!RESERVED.has(name)) settings.set(name, value);
  }
  return {
    query: values.get('query') ?? '',
    database: values.get('database') || header(request, 'x-clickhouse-database') || 'default',
    defaultFormat:
      values.get('default_format') || header(request, 'x-clickhouse-format') || 'TabSeparated',
    settings,
    params,
    queryId: values.get('query_id') || queryId,
    clientProtocolVersion: Number(values.get('client_protocol_version') ?? 0) || 0,
    gzip:
      values.get('enable_http_compression') === '1' &&
      /\bgzip\b/.test(header(request, 'accept-encoding')),
    body: decompress(request),
    key: header(request, 'venturi-key'),
    file: header(request, 'venturi-file'),
  };
}

/** Reads a whole stream of at most `bytesMax` bytes. */
export async function readAll(stream: Readable, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw exception(62, `A statement may have at most ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Reads about `bytesMax` bytes and gives them together with the stream of what follows. */
export async function readHead(
  stream: Readable,
  bytesMax: number,
): Promise<{ head: Buffer; rest: Readable; ended: boolean }> {
  const iterator = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  const chunks: Buffer[] = [];
  let bytes = 0;
  let ended = false;
  while (bytes < bytesMax && !ended) {
    const next = await iterator.next();
    if (next.done) ended = true;
    else {
      chunks.push(next.value);
      bytes += next.value.length;
    }
  }
  const rest = Readable.from({ [Symbol.asyncIterator]: () => iterator }, { objectMode: false });
  return { head: Buffer.concat(chunks), rest, ended };
}

function decompress(request: IncomingMessage): Readable {
  const encoding = header(request, 'content-encoding');
  if (encoding === '' || encoding === 'identity') return request;
  if (encoding !== 'gzip') throw exception(344, `Content-Encoding ${encoding} is not supported`);
  const gunzip = createGunzip();
  request.on('error', (error) => gunzip.destroy(error));
  return request.pipe(gunzip);
}

function header(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return Array.isArray(value) ? (value[0] ?? '') : (value ?? '');
}
