// Starts the shop's processes with what is planted in them, and the load on them.
import { join } from 'node:path';
import type { RouteLatency } from '../load/latency.js';
import type { LoadCommand, LoadSummaryMessage } from '../load/main.js';
import { planLoad } from '../load/mix.js';
import type { Scenario, ServiceName } from '../scenario/plant.js';
import { environmentFor, nodeArgumentsFor } from '../shop/faults/environment.js';
import type { PlantCost, PlantCostsMessage } from '../shop/faults/plant-costs.js';
import { type Child, startChild } from './child.js';
import { agentRegisterFile, demoProgram } from './paths.js';

export interface ShopOptions {
  scenario: Scenario;
  databaseUrl: string;
  /** Where the agents send to; undefined runs the services without an agent. */
  collectorUrl: string | undefined;
  logFolder: string;
}

export interface Shop {
  /** Base URL of each service. */
  urls: Record<ServiceName, string>;
  children: Child[];
  /** Forgets what the plants took so far. */
  mark(): void;
  /** What the plants took, as the processes that they act in have measured it. */
  plantCosts(): Promise<PlantCost[]>;
  stop(): Promise<void>;
}

/** Starts the supplier and the three services, each once those that it calls are up. */
export async function startShop(options: ShopOptions): Promise<Shop> {
  const children: Child[] = [];
  const stop = async () => {
    await Promise.all(children.map((child) => child.stop()));
  };
  const start = async (name: string, env: NodeJS.ProcessEnv): Promise<string> => {
    const child = await startChild({ ...programOf(name, options, env) });
    children.push(child);
    return child.ready.url;
  };
  try {
    const DEMO_SUPPLIER_URL = await start('supplier', {});
    const [catalog, orders] = await Promise.all([
      start('catalog', { DEMO_SUPPLIER_URL }),
      start('orders', { DEMO_SUPPLIER_URL }),
    ]);
    const storefront = await start('storefront', { DEMO_CATALOG_URL: catalog });
    const mark = () => {
      for (const child of children) child.process.send({ type: 'mark' });
    };
    const plantCosts = async () => {
      const answers = children.map((child) => child.ask<PlantCostsMessage>('plant costs'));
      return (await Promise.all(answers)).flatMap(({ costs }) => costs);
    };
    return { urls: { catalog, orders, storefront }, children, mark, plantCosts, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function programOf(name: string, options: ShopOptions, env: NodeJS.ProcessEnv) {
  const { plants, confounders } = options.scenario;
  const isService = name !== 'supplier';
  const agent = isService && options.collectorUrl !== undefined;
  return {
    name,
    file: demoProgram(`shop/${name}/main`),
    nodeArgs: [
      '--enable-source-maps',
      ...(isService ? nodeArgumentsFor(name as ServiceName, plants) : []),
      ...(agent ? ['--require', agentRegisterFile()] : []),
    ],
    env: {
      ...env,
      ...(isService ? environmentFor(name as ServiceName, plants) : {}),
      ...(agent ? { OTEL_SERVICE_NAME: name, VENTURI_ENDPOINT: options.collectorUrl } : {}),
      DEMO_DATABASE_URL: options.databaseUrl,
      DEMO_PLANTS: JSON.stringify(plants),
      DEMO_CONFOUNDERS: JSON.stringify(confounders),
    },
    logFile: join(options.logFolder, `${name}.log`),
  };
}

export interface Load {
  child: Child;
  /** Forgets what was measured so far. */
  mark(): void;
  summary(): Promise<RouteLatency[]>;
  stop(): Promise<void>;
}

/** Starts the scenario's load on the shop, as a process without an agent. */
export async function startLoadOn(shop: Shop, options: ShopOptions): Promise<Load> {
  const child = await startChild({
    name: 'load',
    file: demoProgram('load/main'),
    env: {
      DEMO_LOAD: JSON.stringify(planLoad(options.scenario)),
      DEMO_URLS: JSON.stringify(shop.urls),
    },
    logFile: join(options.logFolder, 'load.log'),
  });
  return {
    child,
    mark: () => {
      child.process.send({ type: 'mark' } satisfies LoadCommand);
    },
    summary: async () => (await child.ask<LoadSummaryMessage>('summary')).routes,
    stop: () => child.stop(),
  };
}
