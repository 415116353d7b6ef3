// A collector of the checkout on ports and in a folder of its own, and questions to its ClickHouse.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './demo-run.js';

const MAIN = join(ROOT, 'collector', 'dist', 'src', 'main.js');
/** How often it locates; the default would make a test wait. */
const locateIntervalMs = '3000';

export interface CollectorRun {
  /** Where agents send to and where the pages are. */
  url: string;
  /** Rows of a query, each an object by column. */
  select<Row>(sql: string): Promise<Row[]>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** Resolves once the collector is ready. */
export async function startCollector(): Promise<CollectorRun> {
  const folder = mkdtempSync(join(tmpdir(), 'venturi-pages-'));
  const child = spawn(process.execPath, [MAIN], {
    env: {
      ...process.env,
      VENTURI_DATA_DIR: folder,
      VENTURI_PORT: '0',
      VENTURI_ENGINE_PORT: '0',
      VENTURI_EXIT_WITH_PARENT: '1',
      VENTURI_LOG_LEVEL: 'warn',
      VENTURI_LOCATE_INTERVAL_MS: locateIntervalMs,
      VENTURI_WATCHED_LOCATE_INTERVAL_MS: locateIntervalMs,
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const { url, engineUrl } = await ready(child);
  return {
    url,
    async select<Row>(sql: string) {
      const answer = await fetch(engineUrl, { method: 'POST', body: `${sql} FORMAT JSON` });
      const text = await answer.text();
      if (answer.status !== 200) throw new Error(text);
      return (JSON.parse(text) as { data: Row[] }).data;
    },
    async stop() {
      if (child.connected) child.disconnect();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function ready(child: ChildProcess): Promise<{ url: string; engineUrl: string }> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the collector ended with ${code}`)));
    child.on('message', (message: { type?: string; url: string; engineUrl: string }) => {
      if (message.type === 'ready') resolve(message);
    });
  });
}
