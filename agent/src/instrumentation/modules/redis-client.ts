// Records the commands of node-redis (`redis` 4 to 6, whose clients are the package `@redis/client`).

import { activeSpan } from '../../context/store.js';
import { ATTR } from '../../otlp/names.js';
import { encodeAttributes } from '../../otlp/span.js';
import { tellHookFailure } from '../../self/log.js';
import { Meter, starts } from '../../self/meter.js';
import type { Library } from '../library.js';
import { likeOriginal } from '../like-original.js';
import { failCommand, redisCommandOf } from '../redis-command.js';
import { beginStatement, type StatementRun, settle } from '../statement-run.js';

type AddCommand = (this: Queue, ...args: unknown[]) => unknown;
type Class = new (...args: unknown[]) => object;

const meter = new Meter('redis');

const SERVER = Symbol('venturi.server');
const DEFAULT_HOST = 'localhost';
const DEFAULT_PORT = 6379;

/** The queue of one client, in which all its commands wait for the socket and then for their answers. */
interface Queue {
  [SERVER]?: Server;
}

/** Where a client's commands go. */
interface Server {
  socket: SocketOptions | undefined;
  database: string;
  /** The attributes of all its commands, encoded; undefined before the first, and after SELECT. */
  attributes: Uint8Array | undefined;
}

interface SocketOptions {
  host?: string;
  port?: number;
  path?: string;
}

interface CommandOptions {
  /** What a client sends by itself while it connects. */
  asap?: boolean;
  /** Common to the commands of a transaction. */
  chainId?: unknown;
}

/** Its versions are those of `@redis/client`: 1 belongs to redis 4, then they are the same. */
export const redisClient: Library = {
  name: '@redis/client',
  versions: '>=1.1.0 <7',
  poolWait: '',
  testedWith: 'Redis 7.0 (Debian), through redis 4.1 to 6',
  bundleMark: 'Socket closed unexpectedly',
  patches: [
    { packageName: '@redis/client', file: 'dist/lib/client/commands-queue.js', patch: patchQueue },
    { packageName: '@redis/client', file: 'dist/lib/client/socket.js', patch: patchSocket },
  ],
};

/** A client makes its queue and then its socket, which alone is told where it connects. */
let latest: Queue | undefined;

function patchQueue(exports: { default: Class & { prototype: { addCommand: AddCommand } } }): void {
  const { prototype } = exports.default;
  const original = prototype.addCommand;
  const addCommand: AddCommand = function (...args) {
    const run = begin(this, args[0], args[1] as CommandOptions | undefined);
    const promise = Reflect.apply(original, this, args);
    return run === undefined ? promise : followed(promise as Promise<unknown>, run);
  };
  prototype.addCommand = likeOriginal(addCommand, original);
  exports.default = withNews(exports.default, (queue) => {
    latest = queue as Queue;
  }) as typeof exports.default;
}

function patchSocket(exports: { default: Class }): void {
  exports.default = withNews(exports.default, (_socket, args) => {
    if (latest === undefined) return;
    const socket = args.at(-1) as SocketOptions | undefined;
    latest[SERVER] = { socket, database: '0', attributes: undefined };
    latest = undefined;
  });
}

/** A class whose constructor says what it has made. */
function withNews(original: Class, tell: (made: object, args: unknown[]) => void): Class {
  const told = class extends original {
    constructor(...args: unknown[]) {
      super(...args);
      try {
        tell(this, args);
      } catch (error) {
        tellHookFailure('redis', error);
      }
    }
  };
  return likeOriginal(told, original);
}

/** In place of the client's promise, so that one that nobody handles stays one that nobody handles. */
function followed(promise: Promise<unknown>, run: StatementRun): Promise<unknown> {
  return promise.then(
    (reply) => {
      settle(run);
      return reply;
    },
    (error: unknown) => {
      failCommand(run, error);
      throw error;
    },
  );
}

function begin(queue: Queue, args: unknown, options?: CommandOptions): StatementRun | undefined {
  const sinceMs = starts();
  try {
    if (!Array.isArray(args)) return undefined;
    const [name] = args as unknown[];
    if (typeof name !== 'string') return undefined;
    if (name === 'SELECT') noteDatabase(queue, String(args[1]));
    if (!isRecorded(name, options)) return undefined;
    const sending = options?.chainId === undefined ? '' : 'MULTI ';
    const isBracket = name === 'MULTI' || name === 'EXEC';
    const statement = redisCommandOf(name, args.length - 1, isBracket ? '' : sending);
    const run = beginStatement(statement, queue, attributesOf(queue), args);
    if (run !== undefined) run.meter = meter;
    return run;
  } catch (error) {
    tellHookFailure('redis', error);
    return undefined;
  } finally {
    if (sinceMs !== 0) meter.ends(sinceMs);
  }
}

function isRecorded(name: string, options: CommandOptions | undefined): boolean {
  if (options?.asap === true && options.chainId === undefined) return false;
  // A client that was given a `pingInterval` pings by itself.
  return name !== 'PING' || activeSpan() !== undefined;
}

function noteDatabase(queue: Queue, database: string): void {
  const server = queue[SERVER];
  if (server === undefined) return;
  server.database = database;
  server.attributes = undefined;
}

function attributesOf(queue: Queue): Uint8Array {
  queue[SERVER] ??= { socket: undefined, database: '0', attributes: undefined };
  const server = queue[SERVER];
  server.attributes ??= encode(server);
  return server.attributes;
}

function encode({ socket, database }: Server): Uint8Array {
  const { path, host = DEFAULT_HOST, port = DEFAULT_PORT } = socket ?? {};
  return encodeAttributes([
    ...[ATTR.dbSystem, 'redis', ATTR.dbNamespace, database],
    ...[ATTR.serverAddress, path ?? host],
    ...(path === undefined ? [ATTR.serverPort, Number(port)] : []),
  ]);
}
