// Finds a collector that runs already: at the endpoint, or the one that owns the data folder.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OPTIONS } from '../config/options.js';
import { defaultDataDir } from '../config/parse.js';
import { type Health, healthOf } from './api.js';

export interface Found {
  url: string;
  health: Health;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Where an agent with this environment would send its data. */
export function endpointOf(env: Env): string {
  const given = env.VENTURI_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT;
  const port = env[OPTIONS.port.env] || OPTIONS.port.default;
  return (given || `http://127.0.0.1:${port}`).replace(/\/+$/, '');
}

/** The data folder that a collector with this environment would take. */
export function dataDirOf(env: Env): string {
  return env[OPTIONS.dataDir.env] || defaultDataDir(env);
}

/** The living collector at the endpoint, else the one named by the data folder's lock, else undefined. */
export async function findCollector(env: Env): Promise<Found | undefined> {
  for (const url of [endpointOf(env), lockedUrl(dataDirOf(env))]) {
    const health = url === undefined ? undefined : await healthOf(url);
    if (url !== undefined && health) return { url, health };
  }
  return undefined;
}

/** The URL in `<dataDir>/lock`, which may be that of a collector that was killed. */
function lockedUrl(dataDir: string): string | undefined {
  try {
    const lock: unknown = JSON.parse(readFileSync(join(dataDir, 'lock'), 'utf8'));
    const { url } = lock as { url?: unknown };
    return typeof url === 'string' && url !== '' ? url.replace(/\/+$/, '') : undefined;
  } catch {
    return undefined;
  }
}
