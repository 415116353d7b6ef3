// A whole collector in a process of its own, with its embedded ClickHouse.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/main.js', import.meta.url));

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stderr: string;
}

export interface TestCollector {
  child: ChildProcess;
  url: string;
  engineUrl: string;
  /** Resolves when the process is gone. */
  ended: Promise<Ended>;
  /** Rows of a SELECT. */
  rows(sql: string): Promise<Record<string, unknown>[]>;
  post(path: string, body: Buffer, headers?: Record<string, string>): Promise<Response>;
  flush(): Promise<void>;
}

export interface CollectorOptions {
  dataDir: string;
  env?: Record<string, string>;
}

/** Starts the process; `ready` rejects with its standard error where it ends before it is ready. */
export function spawnCollector(options: CollectorOptions): {
  child: ChildProcess;
  ended: Promise<Ended>;
  ready: Promise<{ url: string; engineUrl: string }>;
} {
  const child = fork(main, [], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: {
      ...process.env,
      VENTURI_DATA_DIR: options.dataDir,
      VENTURI_PORT: '0',
      VENTURI_ENGINE_PORT: '0',
      VENTURI_EXIT_WITH_PARENT: '1',
      VENTURI_LOG_LEVEL: 'warn',
      ...options.env,
    },
  });
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  // 'close' is not emitted after a disconnect, so the two events that it joins are awaited here.
  const drained = new Promise<void>((resolve) => child.stderr?.once('close', resolve));
  const ended = new Promise<Ended>((resolve) => {
    child.once('exit', (code, signal) => {
      void drained.then(() => resolve({ code, signal, stderr }));
    });
  });
  const ready = new Promise<{ url: string; engineUrl: string }>((resolve, reject) => {
    child.once('message', (message) => resolve(message as { url: string; engineUrl: string }));
    void ended.then(() => reject(new Error(stderr)));
  });
  ready.catch(() => undefined);
  return { child, ended, ready };
}

/** Starts a collector and waits until it is ready. */
export async function startCollector(options: CollectorOptions): Promise<TestCollector> {
  const { child, ended, ready } = spawnCollector(options);
  const { url, engineUrl } = await ready;
  return {
    child,
    ended,
    url,
    engineUrl,
    async rows(sql) {
      const query = new URLSearchParams({ query: `${sql} FORMAT JSONEachRow` });
      const response = await fetch(`${engineUrl}/?${query}`);
      const text = await response.text();
      if (!response.ok) throw new Error(text);
      const lines = text.split('\n').filter((line) => line !== '');
      return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    },
    post: (path, body, headers = {}) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-protobuf', ...headers },
        body: new Uint8Array(body),
      }),
    async flush() {
      const response = await fetch(`${url}/api/v1/flush`, { method: 'POST' });
      if (!response.ok) throw new Error(await response.text());
    },
  };
}

/** Ends a collector that may have ended already. */
export async function endCollector(
  collector: Pick<TestCollector, 'child' | 'ended'>,
): Promise<Ended> {
  if (collector.child.exitCode === null) collector.child.kill('SIGTERM');
  return await collector.ended;
}
