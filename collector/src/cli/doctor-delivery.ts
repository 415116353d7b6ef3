// The doctor's own request: a small process with the agent serves itself once, and its span must reach ClickHouse.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { flush, statusOf } from './api.js';
import type { Finding } from './finding.js';
import { agentRegisterFile } from './places.js';

const childTimeoutMs = 15_000;

const program = `
const http = require('node:http');
const server = http.createServer((request, response) => response.end('ok'));
server.listen(0, '127.0.0.1', () => {
  http.get({ port: server.address().port, host: '127.0.0.1', path: '/venturi-doctor' }, (response) => {
    response.resume();
    response.on('end', () => server.close());
  });
});`;

/** Sends one span through the agent and the collector at `url`. */
export async function* checkDelivery(url: string): AsyncGenerator<Finding> {
  const register = agentRegisterFile();
  if (register === undefined) return;
  const service = `venturi-doctor-${randomBytes(4).toString('hex')}`;
  const said = await runProbe({ register, url, service });
  if (said !== undefined) {
    const advice = `It said: ${said}`;
    yield { ok: false, text: 'a process with the agent did not end as it should', advice };
    return;
  }
  try {
    await flush(url);
    const { services } = await statusOf(url);
    yield services.includes(service)
      ? { ok: true, text: 'a request of the doctor went through the agent into ClickHouse' }
      : {
          ok: false,
          text: 'a process with the agent ran, but nothing of it reached the collector',
          advice: `Check that ${url} can be reached without a proxy, and the collector's log.`,
        };
  } catch (error) {
    const advice = error instanceof Error ? error.message : String(error);
    yield { ok: false, text: 'what was sent did not reach ClickHouse', advice };
  }
}

/** Runs the probe; undefined where it ended well, else what it wrote or how it ended. */
async function runProbe(probe: {
  register: string;
  url: string;
  service: string;
}): Promise<string | undefined> {
  const { NODE_OPTIONS: _, VENTURI_ENABLED: _on, OTEL_SDK_DISABLED: _off, ...env } = process.env;
  const child = spawn(process.execPath, ['--require', probe.register, '--eval', program], {
    env: { ...env, VENTURI_ENDPOINT: probe.url, OTEL_SERVICE_NAME: probe.service },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: childTimeoutMs,
    killSignal: 'SIGKILL',
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-1000);
  });
  const ending = await new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => {
      resolve(code === 0 ? undefined : `it ended with ${signal ?? code}. ${said.trim()}`);
    });
  });
  return ending;
}
