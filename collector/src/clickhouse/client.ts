// The store over ClickHouse's own client: embedded or remote is a URL, and whether there is an engine key.
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import {
  type ClickHouseClient,
  ClickHouseLogLevel,
  type ClickHouseSettings,
  createClient,
  type ResponseHeaders,
} from '@clickhouse/client';
import type { Log } from '../self/log.js';
import { integerConverter } from './big-integers.js';
import { ENGINE_HEADERS } from './engine-headers.js';
import { quoteIdentifier } from './sql-tokens.js';
import type { NativeInsert, QueryResult, StatementOptions, Store } from './store.js';
import { StoreError, toStoreError } from './store-error.js';

export interface StoreOptions {
  /** Of a ClickHouse server, with user, password and database where it wants them, or of the embedded engine. */
  url: string;
  /** The embedded engine's key, which also says that files of the spool are sent by name. */
  engineKey?: string | undefined;
  log: Log;
}

const queryTimeoutMs = 30_000;
const commandTimeoutMs = 120_000;
const insertTimeoutMs = 300_000;
/** The engine stops a statement at its time; the client waits this much longer for that answer. */
const graceMs = 2000;

/** Creates a store. Nothing is sent before the first call. */
export function createStore(options: StoreOptions): Store {
  const client = createClient({
    url: options.url,
    application: 'venturi-collector',
    request_timeout: insertTimeoutMs + 2 * graceMs,
    max_open_connections: 16,
    log: { level: ClickHouseLogLevel.OFF },
    http_headers:
      options.engineKey === undefined ? {} : { [ENGINE_HEADERS.key]: options.engineKey },
  });
  return {
    query: (sql, params, how) => runQuery(client, { sql, params, how }),
    command: (sql, how) => runCommand(client, sql, how),
    insertNative: (insert) => runInsert(client, insert, options.engineKey !== undefined),
    ping: (timeoutMs = 2000) => runPing(client, timeoutMs),
    close: () => client.close(),
  };
}

interface Question {
  sql: string;
  params: Record<string, unknown> | undefined;
  how: StatementOptions | undefined;
}

interface Answer {
  meta: { name: string; type: string }[];
  data: unknown[][];
}

async function runQuery(client: ClickHouseClient, question: Question): Promise<QueryResult> {
  const timeoutMs = question.how?.timeoutMs ?? queryTimeoutMs;
  const started = performance.now();
  return await withDeadline(timeoutMs, async (signal) => {
    const result = await client.query({
      query: question.sql,
      format: 'JSONCompact',
      ...(question.params === undefined ? {} : { query_params: question.params }),
      clickhouse_settings: {
        output_format_json_quote_64bit_integers: 1,
        ...executionLimit(timeoutMs),
      },
      abort_signal: signal,
    });
    const body = await result.text();
    throwIfFailed(result.response_headers, body);
    const answer = JSON.parse(body) as Answer;
    convertIntegers(answer);
    return { columns: answer.meta, rows: answer.data, elapsedMs: performance.now() - started };
  });
}

async function runCommand(
  client: ClickHouseClient,
  sql: string,
  how: StatementOptions | undefined,
): Promise<void> {
  const timeoutMs = how?.timeoutMs ?? commandTimeoutMs;
  await withDeadline(timeoutMs, async (signal) => {
    const { response_headers } = await client.command({
      query: sql,
      clickhouse_settings: { wait_end_of_query: 1, async_insert: 0, ...executionLimit(timeoutMs) },
      abort_signal: signal,
    });
    throwIfFailed(response_headers, '');
  });
}

async function runInsert(
  client: ClickHouseClient,
  insert: NativeInsert,
  embedded: boolean,
): Promise<void> {
  const columns = insert.columns.map(quoteIdentifier).join(', ');
  const query = `INSERT INTO ${insert.table} (${columns}) FORMAT Native`;
  const settings: ClickHouseSettings = {
    insert_deduplication_token: insert.token,
    // Waiting for the part to be written is what makes the answer mean that the rows are stored.
    async_insert: 0,
    wait_end_of_query: 1,
    // An unknown column would be dropped without a word otherwise.
    input_format_skip_unknown_fields: 0,
  };
  await withDeadline(insertTimeoutMs, async (signal) => {
    const shared = { query, clickhouse_settings: settings, abort_signal: signal };
    const { stream, response_headers } =
      embedded && 'file' in insert.source
        ? await client.exec({
            ...shared,
            http_headers: { [ENGINE_HEADERS.file]: encodeURIComponent(insert.source.file) },
          })
        : await client.exec({ ...shared, values: openSource(insert.source) });
    throwIfFailed(response_headers, await text(stream));
  });
}

function openSource(source: NativeInsert['source']): Readable {
  if ('file' in source) return createReadStream(source.file);
  return Readable.from([source.bytes], { objectMode: false });
}

async function runPing(client: ClickHouseClient, timeoutMs: number): Promise<void> {
  await withDeadline(timeoutMs, async (signal) => {
    const result = await client.ping({ select: false, abort_signal: signal });
    if (!result.success) throw result.error;
  });
}

/** ClickHouse may answer 200 and report in a header that the statement failed. */
function throwIfFailed(headers: ResponseHeaders, body: string): void {
  const code = headers['x-clickhouse-exception-code'];
  if (code === undefined) return;
  const message = body === '' ? `ClickHouse answered with exception code ${code}` : body;
  throw new StoreError(message.slice(0, 2000), { clickhouseCode: Number(code) });
}

function convertIntegers(answer: Answer): void {
  answer.meta.forEach(({ type }, index) => {
    const convert = integerConverter(type);
    if (!convert) return;
    for (const row of answer.data) row[index] = convert(row[index]);
  });
}

function executionLimit(timeoutMs: number): ClickHouseSettings {
  return { max_execution_time: Math.max(1, Math.ceil(timeoutMs / 1000)) };
}

/** Runs something under a deadline of the client's own, a little later than ClickHouse's. */
async function withDeadline<T>(
  timeoutMs: number,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeoutMs + graceMs);
  try {
    return await run(controller.signal);
  } catch (thrown) {
    if (!controller.signal.aborted) throw toStoreError(thrown);
    throw new StoreError(`ClickHouse did not answer within ${timeoutMs} ms`, {
      clickhouseCode: 0,
      timedOut: true,
      cause: thrown,
    });
  } finally {
    clearTimeout(timer);
  }
}
