// Records the commands that mongodb sends for an application, in callbacks (before version 6.4) and in promises.

import { activeContext, storage } from '../../context/store.js';
import { ATTR } from '../../otlp/names.js';
import { encodeAttributes } from '../../otlp/span.js';
import { tellHookFailure } from '../../self/log.js';
import { Meter, starts } from '../../self/meter.js';
import { isWithin, type Library } from '../library.js';
import { likeOriginal } from '../like-original.js';
import { type MongoCommand, mongoStatementOf, operationOf } from '../mongo-command.js';
import { beginStatement, fail, type StatementRun, settle, submitted } from '../statement-run.js';
import {
  type Operations,
  type PoolPrototype,
  patchOperations,
  patchPool,
  type Topology,
} from './mongodb-pool.js';

type Method = (this: never, ...args: unknown[]) => unknown;
type Callback = (error: unknown, ...rest: unknown[]) => unknown;

const meter = new Meter('mongodb');

const DATABASE = Symbol('venturi.database');
/** The versions whose inside returns promises; before, it takes callbacks. */
const AWAITS = '>=6.4';
const DEFAULT_PORT = 27017;
const BSON_OBJECT = 3;
const BSON_ARRAY = 4;
/** Of a refused write the server gives the number alone. These are the names that it gives elsewhere. */
const WRITE_ERRORS: Readonly<Record<number, string>> = {
  112: 'WriteConflict',
  121: 'DocumentValidationFailure',
  11000: 'DuplicateKey',
};
/** What a driver says to a server on its own account. */
const HOUSEKEEPING: ReadonlySet<string> = new Set([
  ...['hello', 'ismaster', 'isMaster', 'saslStart', 'saslContinue', 'authenticate', 'getnonce'],
  ...['endSessions', 'buildInfo', 'buildinfo'],
]);

interface Connection {
  [DATABASE]?: Database;
  /** `host:port` */
  address?: string;
}

/** What commands have in common that one connection sends to one database after the other. */
interface Database {
  name: string;
  attributes: Uint8Array;
}

/** An answer whose bytes are read where somebody asks for them: since version 6.8. */
interface LazyDocument {
  has(name: string): boolean;
  get(name: string | number, type: number): LazyDocument | null;
  getNumber(name: string): number | null;
}

interface ConnectionPrototype {
  command: Method;
}

interface ClassOf<Instance> {
  prototype: Instance;
}

const packageName = 'mongodb';

/** Connection, ConnectionPool, and what loses the context on the way to them. */
export const mongodb: Library = {
  name: 'mongodb',
  versions: '>=4.1.4 <8',
  poolWait: 'mongodb.checkOut',
  testedWith:
    'A server in the test that speaks the wire protocol (OP_MSG), because Debian and npm have no MongoDB; FerretDB 1.24 by hand',
  bundleMark: 'MongoNotConnectedError',
  patches: [
    {
      packageName,
      file: 'lib/cmap/connection.js',
      patch: (exports: { Connection: ClassOf<ConnectionPrototype> }, version) =>
        patchCommand(exports.Connection.prototype, isWithin(version, AWAITS)),
    },
    {
      packageName,
      file: 'lib/cmap/connection_pool.js',
      patch: (exports: { ConnectionPool: ClassOf<PoolPrototype> }) =>
        patchPool(exports.ConnectionPool.prototype),
    },
    {
      packageName,
      file: 'lib/sdam/topology.js',
      patch: (exports: { Topology: ClassOf<Topology> }) =>
        patchSelection(exports.Topology.prototype),
    },
    {
      packageName,
      file: 'lib/operations/execute_operation.js',
      patch: (exports: Operations, version) => {
        if (!isWithin(version, AWAITS)) patchOperations(exports);
      },
    },
  ],
};

function patchCommand(prototype: ConnectionPrototype, isAsync: boolean): void {
  const original = prototype.command;
  const replacement = function command(this: Connection, ...args: unknown[]) {
    const run = begin(this, args[0], args[1]);
    if (run === undefined) return Reflect.apply(original, this as never, args);
    try {
      if (!isAsync) args[3] = answering(run, args[3] as Callback);
      const result = Reflect.apply(original, this as never, args);
      if (isAsync) follow(result as Promise<unknown>, run);
      return result;
    } catch (error) {
      failed(run, error);
      throw error;
    }
  };
  prototype.command = likeOriginal(replacement as Method, original);
}

function begin(connection: Connection, ns: unknown, command: unknown): StatementRun | undefined {
  const sinceMs = starts();
  try {
    if (typeof command !== 'object' || command === null) return undefined;
    if (HOUSEKEEPING.has(operationOf(command as MongoCommand))) return undefined;
    const database = databaseOf(connection, (ns as { db?: string }).db ?? '');
    const statement = mongoStatementOf(command as MongoCommand);
    const run = beginStatement(statement, connection, database, command);
    if (run === undefined) return undefined;
    run.meter = meter;
    submitted(run);
    return run;
  } catch (error) {
    tellHookFailure('mongodb', error);
    return undefined;
  } finally {
    if (sinceMs !== 0) meter.ends(sinceMs);
  }
}

function databaseOf(connection: Connection, name: string): Uint8Array {
  const known = connection[DATABASE];
  if (known !== undefined && known.name === name) return known.attributes;
  const match = /^\[?(.*?)\]?(?::(\d+))?$/.exec(connection.address ?? '');
  const attributes = encodeAttributes([
    ...[ATTR.dbSystem, 'mongodb'],
    ...(name === '' ? [] : [ATTR.dbNamespace, name]),
    ...(match?.[1] ? [ATTR.serverAddress, match[1]] : []),
    ...(match?.[1] ? [ATTR.serverPort, Number(match[2] ?? DEFAULT_PORT)] : []),
  ]);
  connection[DATABASE] = { name, attributes };
  return attributes;
}

function answering(run: StatementRun, callback: Callback): Callback {
  return function (this: unknown, ...args) {
    if (args[0]) failed(run, args[0]);
    else succeeded(run, args[1]);
    return storage.run(run.caller, Reflect.apply, callback, this, args);
  };
}

/** Whoever called it awaits the very same promise, right after us and no later than without us. */
function follow(promise: Promise<unknown>, run: StatementRun): void {
  promise.then(
    (result) => succeeded(run, result),
    (error) => failed(run, error),
  );
}

/** A write that the server refused in part, or altogether, is answered with `ok` and a list. */
function succeeded(run: StatementRun, answer: unknown): void {
  try {
    const code = writeErrorCode(answer);
    if (code !== undefined && !run.span.ended) {
      run.span.setError();
      run.span.setAttribute(ATTR.errorType, WRITE_ERRORS[code] ?? String(code));
    }
  } catch (error) {
    tellHookFailure('mongodb', error);
  }
  settle(run);
}

/** The code of the first write that failed. */
function writeErrorCode(answer: unknown): number | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined;
  const { has, writeErrors } = answer as Partial<LazyDocument> & { writeErrors?: unknown };
  if (Array.isArray(writeErrors)) return (writeErrors[0] as { code?: number } | undefined)?.code;
  if (typeof has !== 'function' || !(answer as LazyDocument).has('writeErrors')) return undefined;
  const list = (answer as LazyDocument).get('writeErrors', BSON_ARRAY);
  return list?.get(0, BSON_OBJECT)?.getNumber('code') ?? undefined;
}

/** The server names its errors; their numbers say little. */
function failed(run: StatementRun, error: unknown): void {
  const { codeName } = (error ?? {}) as { codeName?: unknown };
  if (typeof codeName === 'string' && codeName !== '' && !run.span.ended) {
    run.span.setAttribute(ATTR.errorType, codeName);
  }
  fail(run, error);
}

/** Who waits for a server, at the beginning or when it has gone, is called from the monitor that found it. */
function patchSelection(prototype: Topology): void {
  const original = prototype.selectServer;
  const replacement = function selectServer(this: Topology, ...args: unknown[]) {
    const last = args.length - 1;
    const callback = args[last];
    if (last > 0 && typeof callback === 'function') {
      const caller = activeContext();
      args[last] = (...answers: unknown[]) =>
        storage.run(caller, Reflect.apply, callback as Callback, undefined, answers);
    }
    return Reflect.apply(original, this as never, args);
  };
  prototype.selectServer = likeOriginal(replacement as Method, original);
}
