// Records the commands of ioredis: alone, in pipelines and transactions, of single servers and of clusters.

import { ATTR } from '../../otlp/names.js';
import { encodeAttributes } from '../../otlp/span.js';
import { tellHookFailure } from '../../self/log.js';
import { Meter, starts } from '../../self/meter.js';
import type { Library } from '../library.js';
import { likeOriginal } from '../like-original.js';
import { failCommand, redisCommandOf, type Sending } from '../redis-command.js';
import { beginStatement, type StatementRun, settle, submitted } from '../statement-run.js';

type Settle = (result: unknown) => void;
type SendCommand = (this: Client, ...args: unknown[]) => unknown;

const meter = new Meter('ioredis');

const RUN = Symbol('venturi.run');
const SERVER = Symbol('venturi.server');
const READY = 'ready';

/** What ioredis sends by itself while it connects. */
const HANDSHAKE: ReadonlySet<string> = new Set([
  ...['auth', 'hello', 'select', 'info', 'client', 'readonly', 'subscribe', 'psubscribe'],
]);

/** A command on its way. A cluster sends the same one again where it was redirected, a client after it reconnected. */
interface Command {
  [RUN]?: StatementRun;
  name: string;
  args: unknown[];
  inTransaction?: boolean;
  pipelineIndex?: number | null;
  resolve: Settle;
  reject: Settle;
}

interface Client {
  [SERVER]?: Server;
  status: string;
  options: { host?: string; port?: number; path?: string | null };
  condition?: { select?: number } | null;
}

/** What all commands to one database of one server have in common. */
interface Server {
  database: number;
  attributes: Uint8Array;
}

/** `Redis.prototype.sendCommand`, through which the commands of pipelines and clusters pass as well. */
export const ioredis: Library = {
  name: 'ioredis',
  versions: '>=4.28.5 <7',
  poolWait: '',
  testedWith: 'Redis 7.0 (Debian)',
  bundleMark: 'Redis is already connecting/connected',
  patches: ['built/Redis.js', 'built/redis/index.js'].map((file) => ({
    packageName: 'ioredis',
    file,
    patch: (exports: { default: { prototype: { sendCommand: SendCommand } } }) =>
      patchClient(exports.default.prototype),
  })),
};

function patchClient(prototype: { sendCommand: SendCommand }): void {
  const original = prototype.sendCommand;
  // By name, since ioredis does not count them, and V8 would have to make an array.
  const sendCommand: SendCommand = function (command, stream) {
    follow(this, command as Command);
    return original.call(this, command, stream);
  };
  prototype.sendCommand = likeOriginal(sendCommand, original);
}

function follow(client: Client, command: Command): void {
  const sinceMs = starts();
  try {
    const known = command[RUN];
    if (known !== undefined) {
      // It comes out of the queue in which it waited for a connection.
      if (client.status === READY) submitted(known);
    } else if (isRecorded(client, command)) begin(client, command);
  } catch (error) {
    tellHookFailure('ioredis', error);
  } finally {
    if (sinceMs !== 0) meter.ends(sinceMs);
  }
}

function isRecorded(client: Client, command: Command): boolean {
  if (typeof command?.name !== 'string') return false;
  return client.status === READY || !HANDSHAKE.has(command.name);
}

function begin(client: Client, command: Command): void {
  const { name, args } = command;
  const statement = redisCommandOf(name, args.length, sendingOf(command));
  const run = beginStatement(statement, client, serverOf(client), args);
  if (run === undefined) return;
  run.meter = meter;
  if (client.status === READY) run.isSubmitted = true;
  else run.isQueued = true;
  command[RUN] = run;
  const { resolve, reject } = command;
  command.resolve = (result) => {
    settle(run);
    resolve(result);
  };
  command.reject = (error) => {
    failCommand(run, error);
    reject(error);
  };
}

function sendingOf({ name, inTransaction, pipelineIndex }: Command): Sending {
  if (name === 'multi' || name === 'exec') return '';
  if (inTransaction === true) return 'MULTI ';
  return pipelineIndex === undefined || pipelineIndex === null ? '' : 'PIPELINE ';
}

function serverOf(client: Client): Uint8Array {
  const database = client.condition?.select ?? 0;
  const known = client[SERVER];
  if (known !== undefined && known.database === database) return known.attributes;
  const { host, port, path } = client.options;
  const address = path || host;
  const attributes = encodeAttributes([
    ...[ATTR.dbSystem, 'redis', ATTR.dbNamespace, String(database)],
    ...(address ? [ATTR.serverAddress, address] : []),
    ...(port && !path ? [ATTR.serverPort, Number(port)] : []),
  ]);
  client[SERVER] = { database, attributes };
  return attributes;
}
