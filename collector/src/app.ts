// The composition root: brings the parts together, starts them in order, and takes them back in reverse.
import { join } from 'node:path';
import { keepEngine } from './app/engine-keeper.js';
import { createHttp, listen } from './app/http.js';
import { createStore } from './clickhouse/client.js';
import { migrate } from './clickhouse/migrate.js';
import type { Store } from './clickhouse/store.js';
import type { Config } from './config/parse.js';
import { createDecoder } from './decode/decoder.js';
import { Inserter } from './insert/inserter.js';
import { Pipeline } from './pipeline.js';
import { startLocateLoop } from './query/locate/schedule.js';
import { Batches } from './receive/batches.js';
import { type Clock, createSystemClock } from './self/clock.js';
import { type Counters, createCounters } from './self/counters.js';
import { lockDataFolder } from './self/data-folder.js';
import { VenturiError } from './self/errors.js';
import type { Log } from './self/log.js';
import { createWatch } from './self/watch.js';
import { openSpool, type Spool } from './spool/spool.js';

export interface AppOptions {
  config: Config;
  log: Log;
  clock?: Clock;
}

export interface App {
  /** Starts everything or, where a part fails, takes back what was started and throws. */
  start(): Promise<void>;
  /** Ends in order: no new requests, open ones answered, the spool inserted as far as time allows. */
  stop(): Promise<void>;
  /** `http://host:port` once started. */
  readonly url: string;
  /** Where ClickHouse answers. */
  readonly engineUrl: string;
}

type Undo = () => Promise<void> | void;

/** Creates the collector; nothing happens before `start`. */
export function createApp(options: AppOptions): App {
  const clock = options.clock ?? createSystemClock();
  const running = new RunningApp({ ...options, clock });
  return {
    start: () => running.start(),
    stop: () => running.stop(),
    get url() {
      return running.url;
    },
    get engineUrl() {
      return running.engineUrl;
    },
  };
}

class RunningApp {
  url = '';
  engineUrl = '';
  readonly #config: Config;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #counters: Counters;
  /** What is to be undone, in the order in which it was done. */
  readonly #undo: Undo[] = [];
  #migrated = false;
  #stopping: Promise<void> | undefined;
  #stopBegun = false;

  constructor(options: AppOptions & { clock: Clock }) {
    this.#config = options.config;
    this.#log = options.log;
    this.#clock = options.clock;
    this.#counters = createCounters(() => options.clock.now());
  }

  async start(): Promise<void> {
    try {
      const lock = await lockDataFolder(this.#config.dataDir);
      this.#undo.push(() => lock.release());
      const store = await this.#startStore();
      const spool = await this.#openSpool();
      const batches = new Batches(this.#config.batchKeysMax);
      batches.restore(await spool.recover());
      const port = await this.#startReceiving({ store, spool, batches });
      await lock.announce({ port, url: this.url });
    } catch (error) {
      await this.#takeBack();
      throw error;
    }
  }

  stop(): Promise<void> {
    this.#stopBegun = true;
    this.#stopping ??= this.#takeBack();
    return this.#stopping;
  }

  async #takeBack(): Promise<void> {
    for (let undo = this.#undo.pop(); undo; undo = this.#undo.pop()) {
      try {
        await undo();
      } catch (error) {
        this.#log.error({ err: error }, 'a part did not stop cleanly');
      }
    }
  }

  async #startStore(): Promise<Store> {
    const { clickhouseUrl, dataDir, enginePort, portSearch } = this.#config;
    if (clickhouseUrl !== '') {
      const store = createStore({ url: clickhouseUrl, log: this.#log });
      this.#undo.push(() => store.close());
      this.engineUrl = clickhouseUrl;
      return store;
    }
    const keeper = await keepEngine({
      engine: { dataDir, port: enginePort, portSearch, log: this.#log.child({ part: 'engine' }) },
      clock: this.#clock,
      log: this.#log,
    });
    this.#undo.push(
      () => keeper.stop(),
      () => keeper.store.close(),
    );
    this.engineUrl = keeper.url();
    return keeper.store;
  }

  async #openSpool(): Promise<Spool> {
    const spool = await openSpool({
      folder: join(this.#config.dataDir, 'spool'),
      batchWindowMs: this.#config.batchWindowMs,
      clock: this.#clock,
      counters: this.#counters,
      log: this.#log.child({ part: 'spool' }),
    });
    this.#undo.push(() => spool.close());
    return spool;
  }

  async #startReceiving(parts: { store: Store; spool: Spool; batches: Batches }): Promise<number> {
    const { store, spool, batches } = parts;
    const config = this.#config;
    const clock = this.#clock;
    const counters = this.#counters;
    const watch = createWatch(clock, config.watchWindowMs);
    const inserter = new Inserter({
      ...{
        source: spool,
        target: store,
        clock,
        counters,
        log: this.#log.child({ part: 'insert' }),
      },
      ...{ insertRows: config.insertRows, retryMinMs: config.insertRetryMinMs },
      retryMaxMs: config.insertRetryMaxMs,
      intervalMs: () => (watch.active() ? config.watchedInsertIntervalMs : config.insertIntervalMs),
    });
    const wake = (): void => {
      if (this.#migrated) inserter.wake();
    };
    watch.onWake(wake);
    this.#undo.push(() => inserter.stop());
    const flush = async (): Promise<void> => {
      if (!this.#migrated) throw new VenturiError('NOT_READY');
      await inserter.flushWithin(config.flushTimeoutMs);
    };
    await this.#migrate(store, () => {
      wake();
      this.#startLocating(store, watch.active);
    });
    const decoder = createDecoder({ limits: config, clock, counters });
    const pipeline = new Pipeline({
      ...{ decoder, spool, spooled: wake, limits: config, clock, counters },
    });
    const http = await createHttp({
      ...{ config, log: this.#log, clock, counters, watch, store, batches, flush },
      storeRequest: (request) => pipeline.store(request),
      ready: () => this.#checkReady(store),
    });
    this.#undo.push(
      () =>
        flush().catch((error: unknown) => this.#log.warn({ err: error }, 'rows stay in the spool')),
      () => pipeline.drain(),
      () => http.close(),
    );
    const { port, url } = await listen(http, config);
    this.url = url;
    return port;
  }

  /** The embedded engine must migrate; a server that is away is waited for, while the spool takes data. */
  async #migrate(store: Store, migrated: () => void): Promise<void> {
    const attempt = async (): Promise<void> => {
      await migrate({ store, log: this.#log.child({ part: 'migrate' }) });
      this.#migrated = true;
      migrated();
    };
    try {
      await attempt();
    } catch (error) {
      if (this.#config.clickhouseUrl === '' || !mayPass(error)) throw error;
      this.#log.warn({ err: error }, 'ClickHouse does not answer; what is received is spooled');
      void this.#migrateLater(attempt);
    }
  }

  async #migrateLater(attempt: () => Promise<void>): Promise<void> {
    while (!this.#migrated) {
      await this.#clock.sleep(this.#config.insertRetryMaxMs / 10);
      if (this.#stopBegun) return;
      await attempt().catch((error: unknown) => {
        this.#log.warn({ err: error }, 'migrations did not run; they are tried again');
      });
    }
  }

  #startLocating(store: Store, watched: () => boolean): void {
    const { locateIntervalMs, watchedLocateIntervalMs, locateWindowMs } = this.#config;
    const loop = startLocateLoop({
      ...{ store, log: this.#log.child({ part: 'locate' }), clock: this.#clock, watched },
      ...{ intervalMs: locateIntervalMs, intervalWatchedMs: watchedLocateIntervalMs },
      windowMs: locateWindowMs,
    });
    this.#undo.push(() => loop.stop());
  }

  async #checkReady(store: Store): Promise<void> {
    if (this.#stopBegun) throw new VenturiError('SHUTTING_DOWN');
    if (!this.#migrated) throw new VenturiError('NOT_READY', { detail: 'migrations are not done' });
    await store.ping();
  }
}

function mayPass(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return typeof cause === 'object' && cause !== null && 'retryable' in cause
    ? cause.retryable === true
    : false;
}
