// Starts a real RabbitMQ that keeps nothing.

import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { untilOpen } from './until-open.js';

/** Debian's `rabbitmq-server` runs as another user; this is what it runs. */
const SERVER = '/usr/lib/rabbitmq/bin/rabbitmq-server';
const WAIT_MS_MAX = 60_000;

/** A running broker. */
export interface RabbitMq {
  url: string;
  stop(): Promise<void>;
}

/** Starts a broker on a free port of 127.0.0.1, with a port mapper of its own. */
export async function startRabbitMq(): Promise<RabbitMq> {
  const folder = await mkdtemp(join(tmpdir(), 'venturi-agent-rabbitmq-'));
  const [port, distributionPort, mapperPort] = [
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_EPMD_PORT: String(mapperPort),
    RABBITMQ_NODENAME: 'venturi@localhost',
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(distributionPort),
    RABBITMQ_MNESIA_BASE: join(folder, 'data'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
  };
  const server = spawn(SERVER, { env, stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => {
    server.once('exit', () => resolve());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new Error('rabbitmq-server is missing: apt-get install rabbitmq-server', { cause: error }),
      ),
    );
    untilOpen(port, WAIT_MS_MAX).then(resolve, reject);
  });
  const stop = async (): Promise<void> => {
    server.kill('SIGTERM');
    await ended;
    // It has left that running, for brokers that may come.
    spawnSync('epmd', ['-port', String(mapperPort), '-kill'], { env, stdio: 'ignore' });
    await rm(folder, { recursive: true, force: true });
  };
  return { url: `amqp://127.0.0.1:${port}`, stop };
}
