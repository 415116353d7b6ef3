// Keeps the embedded ClickHouse running: when it dies, it is started again and the store talks to the new one.
import { createStore } from '../clickhouse/client.js';
import type { Store } from '../clickhouse/store.js';
import { type Engine, type EngineOptions, startEngine } from '../engine/launch.js';
import type { Clock } from '../self/clock.js';
import { toVenturiError } from '../self/errors.js';
import type { Log } from '../self/log.js';

export interface EngineKeeperOptions {
  engine: EngineOptions;
  clock: Clock;
  log: Log;
}

export interface EngineKeeper {
  /** Always the store of the engine that runs now. */
  store: Store;
  /** Where the engine answers. */
  url(): string;
  stop(): Promise<void>;
}

const restartMinMs = 500;
const restartMaxMs = 30_000;

/** Starts the engine; the first start must succeed, and throws as `startEngine` does. */
export async function keepEngine(options: EngineKeeperOptions): Promise<EngineKeeper> {
  const { clock, log } = options;
  let engine = await startAfterOrphan(options);
  let store = createStore({ url: engine.url, engineKey: engine.key, log });
  let stopping = false;
  void watchOver(engine);

  return {
    store: {
      query: (sql, params, how) => store.query(sql, params, how),
      command: (sql, how) => store.command(sql, how),
      insertNative: (insert) => store.insertNative(insert),
      ping: (timeoutMs) => store.ping(timeoutMs),
      close: () => store.close(),
    },
    url: () => engine.url,
    async stop() {
      stopping = true;
      await engine.stop();
    },
  };

  async function watchOver(watched: Engine): Promise<void> {
    await watched.exited;
    for (let waitMs = restartMinMs; !stopping; waitMs = Math.min(waitMs * 2, restartMaxMs)) {
      log.error({ waitMs }, 'the embedded ClickHouse ended by itself and is started again');
      await clock.sleep(waitMs);
      if (stopping || (await restart())) return;
    }
  }

  async function restart(): Promise<boolean> {
    try {
      // The port it had: whoever was told the URL keeps it.
      const port = Number(new URL(engine.url).port);
      const started: Engine = await startEngine({ ...options.engine, port });
      const previous = store;
      engine = started;
      store = createStore({ url: started.url, engineKey: started.key, log });
      await previous.close();
      if (stopping) await started.stop();
      else void watchOver(started);
      return true;
    } catch (error) {
      log.error({ err: error }, 'the embedded ClickHouse did not start');
      return false;
    }
  }
}

/** How long the engine of a collector that was killed may take to notice and to close its folder. */
const orphanTimeoutMs = 20_000;
const orphanPollMs = 200;

/**
 * Starts the engine. The collector owns the data folder by now, so an engine that still has it is one
 * whose collector was killed, and it is about to end.
 */
async function startAfterOrphan({ engine, clock }: EngineKeeperOptions): Promise<Engine> {
  const deadline = clock.monotonic() + orphanTimeoutMs;
  for (;;) {
    try {
      return await startEngine(engine);
    } catch (error) {
      const isLocked = toVenturiError(error).code === 'DATA_DIR_LOCKED';
      if (!isLocked || clock.monotonic() > deadline) throw error;
      await clock.sleep(orphanPollMs);
    }
  }
}
