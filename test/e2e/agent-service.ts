// A service under the agent as its author starts it in production: `node --require @venturi/agent/register`.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './demo-run.js';
import { cleanEnv, listening } from './run-service.js';

export interface AgentService {
  url: string;
  stop(): Promise<void>;
}

export interface AgentServiceOptions {
  /** Folder below test/apps; its `server.cjs` is started. */
  app: string;
  /** URL of the collector. */
  endpoint: string;
  env?: Record<string, string>;
}

/** Resolves once the service listens. */
export async function startUnderAgent(options: AgentServiceOptions): Promise<AgentService> {
  const child = spawn(process.execPath, ['--require', '@venturi/agent/register', 'server.cjs'], {
    cwd: join(ROOT, 'test', 'apps', options.app),
    env: { ...cleanEnv(), ...options.env, VENTURI_ENDPOINT: options.endpoint },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const output = { stdout: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    output.stdout += chunk.toString();
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  try {
    return { url: await listening(output, ended), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
