// Starts the shop's processes with what is planted in them, and the load on them.
import { join } from 'node:path';
import type { RouteLatency } from '../load/latency.js';
import type { LoadCommand, LoadSummaryMessage } from '../load/main.js';
import { planLoad } from '../load/mix.js';
import type { Scenario, ServiceName } from '../scenario/plant.js';
import { environmentFor, nodeArgumentsFor } from '../shop/faults/environment.js';
import { type Child, startChild } from './child.js';
import { agentRegisterFile, demoProgram } from './paths.js';

const SUMMARY_DEADLINE_MS = 5_000;

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
    return { urls: { catalog, orders, storefront }, children, stop };
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
  const command = (type: LoadCommand['type']) => child.process.send({ type });
  return {
    child,
    mark: () => {
      command('mark');
    },
    summary: () =>
      new Promise((resolve, reject) => {
        const deadline = setTimeout(() => {
          reject(new Error('The load generator does not answer.'));
        }, SUMMARY_DEADLINE_MS);
        child.process.once('message', (message: LoadSummaryMessage) => {
          clearTimeout(deadline);
          resolve(message.routes);
        });
        command('summary');
      }),
    stop: () => child.stop(),
  };
}
