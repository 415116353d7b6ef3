// Records the statements of mysql2 connections: queries, prepared statements, transactions, streams.

import { activeContext, storage } from '../../context/store.js';
import { ATTR } from '../../otlp/names.js';
import { encodeAttributes } from '../../otlp/span.js';
import { tellHookFailure } from '../../self/log.js';
import { Meter, starts } from '../../self/meter.js';
import type { Library } from '../library.js';
import { likeOriginal } from '../like-original.js';
import { statementOf } from '../sql.js';
import { beginStatement, fail, type StatementRun, settle, submitted } from '../statement-run.js';
import {
  type ClusterPrototype,
  type PoolPrototype,
  patchCluster,
  patchPool,
} from './mysql2-pool.js';
import { valuesOf } from './mysql2-values.js';

type Method = (this: never, ...args: unknown[]) => unknown;
type Callback = (error: unknown, ...rest: unknown[]) => unknown;

const meter = new Meter('mysql2');

const RUN = Symbol('venturi.run');
const DATABASE = Symbol('venturi.database');

/** What mysql2 queues: a Query, an Execute, and others that run no statement of the application. */
interface Command {
  [RUN]?: StatementRun;
  onResult?: Callback | undefined;
  /** Of an Execute that comes from a prepared statement. */
  statement?: { query?: unknown };
  /** Of an Execute. */
  parameters?: unknown;
  emit: Method;
}

interface CommandPrototype {
  start: Method;
  /** Of Query, from where Execute takes it over. */
  done: Method;
}

interface Connection {
  [DATABASE]?: Database;
  config: { database?: string; host?: string; port?: number; socketPath?: string };
  addCommand: Method;
  _addCommandClosedState: Method;
  _command?: Command | null;
  _commands: { length: number; get(index: number): Command | undefined };
}

/** What all statements of a connection have in common, as long as it stays in one database. */
interface Database {
  name: string | undefined;
  attributes: Uint8Array;
}

interface ConnectionPrototype {
  query: Method;
  execute: Method;
  addCommand: Method;
  _notifyError: Method;
}

interface ClassOf<Instance> {
  prototype: Instance;
}

/** Connection, Query, Execute, Prepare, Pool and PoolCluster, in callbacks and, above them, in promises. */
export const mysql2: Library = {
  name: 'mysql2',
  versions: '>=2.3.3 <4',
  poolWait: 'mysql2.getConnection',
  testedWith: 'MariaDB 10.11 (Debian)',
  bundleMark: 'Ignoring invalid configuration option passed to Connection',
  patches: [
    // In later versions the classes in `lib` inherit all this from those below `lib/base`.
    ...['lib/connection.js', 'lib/base/connection.js'].map((file) => ({
      packageName: 'mysql2',
      file,
      patch: (Exported: ClassOf<ConnectionPrototype>) => patchConnection(Exported.prototype),
    })),
    ...['lib/pool.js', 'lib/base/pool.js'].map((file) => ({
      packageName: 'mysql2',
      file,
      patch: (Exported: ClassOf<PoolPrototype>) => patchPool(Exported.prototype),
    })),
    {
      packageName: 'mysql2',
      file: 'lib/pool_cluster.js',
      patch: (Exported: ClassOf<ClusterPrototype>) => patchCluster(Exported.prototype),
    },
    ...['lib/commands/query.js', 'lib/commands/execute.js', 'lib/commands/prepare.js'].map(
      (file) => ({
        packageName: 'mysql2',
        file,
        patch: (Exported: ClassOf<CommandPrototype>) => patchStart(Exported.prototype),
      }),
    ),
    {
      packageName: 'mysql2',
      file: 'lib/commands/query.js',
      patch: (Exported: ClassOf<CommandPrototype>) => patchDone(Exported.prototype),
    },
  ],
};

/** The execution whose `query` or `execute` is running: mysql2 makes its commands inside. */
let starting: StatementRun | undefined;

function patchConnection(prototype: ConnectionPrototype): void {
  if (!Object.hasOwn(prototype, 'query')) return;
  prototype.query = followed(prototype.query);
  prototype.execute = followed(prototype.execute);
  patchAddCommand(prototype);
  patchNotifyError(prototype);
}

function followed(original: Method): Method {
  const follow = function (this: Connection, sql: unknown, values: unknown, callback: unknown) {
    const run = begin(this, sqlOf(sql), valuesOf(sql, values));
    if (run === undefined) return original.call(this as never, sql, values, callback);
    const outer = starting;
    starting = run;
    try {
      const isCommand = typeof (sql as Command).onResult === 'function';
      if (isCommand) (sql as Command).onResult = answering(run, (sql as Command).onResult);
      const second = answering(run, values);
      const third = answering(run, callback);
      const command = original.call(this as never, sql, second, third) as Command;
      const hasCallback = isCommand || second !== values || third !== callback;
      if (!hasCallback) followEvents(command, run);
      afterwards(this, run);
      return command;
    } catch (error) {
      fail(run, error);
      throw error;
    } finally {
      starting = outer;
    }
  };
  return likeOriginal(follow, original) as Method;
}

/** The SQL of a string, of an options object and of a Query that is not formatted yet, so without its values. */
function sqlOf(config: unknown): unknown {
  if (typeof config !== 'object' || config === null) return config;
  return (config as { sql?: unknown }).sql;
}

function begin(
  connection: Connection,
  ...[sql, values]: [sql: unknown, values: unknown]
): StatementRun | undefined {
  const sinceMs = starts();
  try {
    if (typeof sql !== 'string') return undefined;
    const statement = statementOf(sql, 'mysql');
    const run = beginStatement(statement, connection, databaseOf(connection), values);
    if (run !== undefined) run.meter = meter;
    return run;
  } catch (error) {
    tellHookFailure('mysql2', error);
    return undefined;
  } finally {
    if (sinceMs !== 0) meter.ends(sinceMs);
  }
}

function databaseOf(connection: Connection): Uint8Array {
  const { database, host, port, socketPath } = connection.config;
  const known = connection[DATABASE];
  // `changeUser` may change it.
  if (known !== undefined && known.name === database) return known.attributes;
  const address = socketPath || host;
  const attributes = encodeAttributes([
    ...[ATTR.dbSystem, 'mysql'],
    ...(database ? [ATTR.dbNamespace, database] : []),
    ...(address ? [ATTR.serverAddress, address] : []),
    ...(port && !socketPath ? [ATTR.serverPort, Number(port)] : []),
  ]);
  connection[DATABASE] = { name: database, attributes };
  return attributes;
}

/** What to put in place of a callback; anything else stays as it is. */
function answering<Value>(run: StatementRun, callback: Value): Value | Callback {
  if (typeof callback !== 'function') return callback;
  return function (this: unknown, ...args) {
    if (args[0]) fail(run, args[0]);
    else settle(run);
    return storage.run(run.caller, Reflect.apply, callback as unknown as Callback, this, args);
  };
}

/** Without a callback a command tells its rows, its error and its end in events, also to the stream over it. */
function followEvents(command: Command, run: StatementRun): void {
  const original = command.emit;
  command.emit = function emit(this: Command) {
    // biome-ignore lint/complexity/noArguments: it is called for every row, and listeners may count their arguments.
    const args = arguments as unknown as unknown[];
    if (args[0] === 'error') fail(run, args[1]);
    else if (args[0] === 'end') settle(run);
    if (activeContext() === run.caller) return Reflect.apply(original, this as never, args);
    return storage.run(run.caller, Reflect.apply, original, this as never, args);
  } as Method;
}

/** The command has been handed over: it runs, or waits behind others, or the connection refused it. */
function afterwards(connection: Connection, run: StatementRun): void {
  if (run.isSubmitted) return;
  run.isQueued = true;
  if (connection.addCommand === connection._addCommandClosedState) {
    fail(run, new Error('The connection is closed'));
  }
}

function patchAddCommand(prototype: ConnectionPrototype): void {
  const original = prototype.addCommand;
  prototype.addCommand = function addCommand(this: Connection, command: Command) {
    if (starting !== undefined) {
      command[RUN] = starting;
      return original.call(this as never, command);
    }
    const run = begin(this, command.statement?.query, command.parameters);
    if (run === undefined) {
      if (typeof command.onResult === 'function') command.onResult = inPlace(command.onResult);
      return original.call(this as never, command);
    }
    command[RUN] = run;
    if (command.onResult === undefined) followEvents(command, run);
    else command.onResult = answering(run, command.onResult);
    const result = original.call(this as never, command);
    afterwards(this, run);
    return result;
  } as Method;
}

/** For `ping`, `prepare`, `changeUser` and the like: their callbacks belong where they were handed over. */
function inPlace(callback: Callback): Callback {
  const caller = activeContext();
  return function (this: unknown, ...args) {
    return storage.run(caller, Reflect.apply, callback, this, args);
  };
}

/** The connection is lost: commands without a callback are not told. */
function patchNotifyError(prototype: ConnectionPrototype): void {
  const original = prototype._notifyError;
  prototype._notifyError = function _notifyError(this: Connection, error: unknown) {
    const { _command: running, _commands: waiting } = this;
    if (running?.[RUN] !== undefined) fail(running[RUN], error);
    for (let i = 0; i < waiting.length; i++) {
      const run = waiting.get(i)?.[RUN];
      if (run !== undefined) fail(run, error);
    }
    return original.call(this as never, error);
  } as Method;
}

/** Only now it is sent; of an Execute that has to be prepared, with the Prepare before it. */
function patchStart(prototype: CommandPrototype): void {
  const { start } = prototype;
  prototype.start = function (this: Command, packet: unknown, connection: unknown) {
    const run = this[RUN];
    if (run !== undefined) submitted(run);
    return start.call(this as never, packet, connection);
  } as Method;
}

/** The last row has come. The callback follows in the next tick. */
function patchDone(prototype: CommandPrototype): void {
  const { done } = prototype;
  prototype.done = function (this: Command) {
    const run = this[RUN];
    if (run !== undefined) settle(run);
    return done.call(this as never);
  } as Method;
}
