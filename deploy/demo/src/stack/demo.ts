// The whole demo: collector, database, shop and load, started in order and stopped in the reverse order.
import { mkdirSync } from 'node:fs';
import pg from 'pg';
import type { Scenario } from '../scenario/plant.js';
import { prepareDatabase } from '../shop/database/schema.js';
import type { Child } from './child.js';
import { startCollector } from './collector.js';
import { type Postgres, startPostgres } from './postgres.js';
import { type Load, type Shop, startLoadOn, startShop } from './shop.js';

/** What stays up for as long as the program runs. */
export interface Ground {
  collector: Child;
  postgres: Postgres;
  stateFolder: string;
  stop(): Promise<void>;
}

/** What is started anew for each scenario. */
export interface Scene {
  shop: Shop;
  load: Load;
  /** Ends the load first, so that no request is cut off. */
  stop(): Promise<void>;
}

export type Progress = (text: string) => void;

/** Starts the collector and a database with the shop's rows in it. */
export async function startGround(stateFolder: string, progress: Progress): Promise<Ground> {
  mkdirSync(stateFolder, { recursive: true });
  progress('Starting the collector and ClickHouse');
  const collector = await startCollector(stateFolder);
  try {
    progress('Starting PostgreSQL');
    const postgres = await startPostgres(stateFolder);
    const stop = async () => {
      await postgres.stop();
      await collector.stop();
    };
    return { collector, postgres, stateFolder, stop };
  } catch (error) {
    await collector.stop();
    throw error;
  }
}

/** Starts the services and their load for one scenario, on rows that are as they were at first. */
export async function startScene(ground: Ground, scenario: Scenario): Promise<Scene> {
  await fillDatabase(ground.postgres.url);
  const options = {
    scenario,
    databaseUrl: ground.postgres.url,
    collectorUrl: ground.collector.ready.url,
    logFolder: ground.stateFolder,
  };
  const shop = await startShop(options);
  try {
    const load = await startLoadOn(shop, options);
    const stop = async () => {
      await load.stop();
      await shop.stop();
    };
    return { shop, load, stop };
  } catch (error) {
    await shop.stop();
    throw error;
  }
}

async function fillDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await prepareDatabase(client);
  } finally {
    await client.end();
  }
}
