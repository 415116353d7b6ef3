// Starts a real engine in a folder of its own for a test, and takes both away again.
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createStore } from '../../src/clickhouse/client.js';
import type { Store } from '../../src/clickhouse/store.js';
import { type Engine, startEngine } from '../../src/engine/launch.js';
import type { EngineLimits } from '../../src/engine/messages.js';
import { createLog } from '../../src/self/log.js';

export const silent = createLog({ level: 'silent', name: 'test' });

export interface TestEngine {
  engine: Engine;
  store: Store;
  dataDir: string;
  /** Sends a statement as curl would, without the key unless `headers` has it. */
  ask(sql: string, options?: AskOptions): Promise<Reply>;
  stop(): Promise<void>;
}

export interface AskOptions {
  /** URL parameters, such as `default_format=CSV`. */
  url?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
}

/** A temporary folder under its real name, since a test compares paths. */
export async function makeFolder(): Promise<string> {
  return await realpath(await mkdtemp(join(tmpdir(), 'venturi-engine-')));
}

export async function startTestEngine(
  options: { limits?: Partial<EngineLimits>; dataDir?: string } = {},
): Promise<TestEngine> {
  const dataDir = options.dataDir ?? (await makeFolder());
  const engine = await startEngine({
    dataDir,
    port: 0,
    portSearch: false,
    log: silent,
    ...(options.limits ? { limits: options.limits } : {}),
  });
  const store = createStore({ url: engine.url, engineKey: engine.key, log: silent });
  return {
    engine,
    store,
    dataDir,
    async ask(sql, how = {}) {
      const response = await fetch(`${engine.url}/?${how.url ?? ''}`, {
        method: 'POST',
        body: sql,
        ...(how.headers ? { headers: how.headers } : {}),
        ...(how.signal ? { signal: how.signal } : {}),
      });
      return {
        status: response.status,
        headers: response.headers,
        text: await response.text(),
      };
    },
    async stop() {
      await store.close();
      await engine.stop();
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Polls until `probe` gives something, for at most `deadlineMs`. */
export async function eventually<T>(
  probe: () => Promise<T | undefined> | T | undefined,
  deadlineMs = 10_000,
): Promise<T> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error('did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
