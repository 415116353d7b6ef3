// Starts a real Redis that keeps nothing.

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { untilOpen } from './until-open.js';

const WAIT_MS_MAX = 5_000;

/** A running server. */
export interface Redis {
  port: number;
  stop(): Promise<void>;
}

/** Starts a server on a free port of 127.0.0.1. */
export async function startRedis(): Promise<Redis> {
  const folder = await mkdtemp(join(tmpdir(), 'venturi-agent-redis-'));
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder];
  const server = spawn('redis-server', args, { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => {
    server.once('exit', () => resolve());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(new Error('redis-server is missing: apt-get install redis-server', { cause: error })),
    );
    untilOpen(port, WAIT_MS_MAX).then(resolve, reject);
  });
  const stop = async (): Promise<void> => {
    server.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  return { port, stop };
}
