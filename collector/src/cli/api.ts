// Asks a collector over its HTTP API.
import type { Verdict } from '../schema/verdict.js';

/** What `GET /healthz` answers. */
export interface Health {
  name: string;
  version: string;
  pid: number;
  dataDir: string;
}

/** What `GET /api/v1/status` answers, as far as it is used here. */
export interface Status {
  received: number;
  spooled: number;
  inserted: number;
  rejected: number;
  /** Services that sent something within the last minute. */
  services: string[];
}

const healthTimeoutMs = 1500;
const answerTimeoutMs = 60_000;

/** The health of the collector at `url`; undefined where nothing answers or something else does. */
export async function healthOf(url: string): Promise<Health | undefined> {
  try {
    const health = (await getJson(`${url}/healthz`, healthTimeoutMs)) as Partial<Health>;
    return health.name === 'venturi-collector' ? (health as Health) : undefined;
  } catch {
    return undefined;
  }
}

/** The verdict on a window in milliseconds since the epoch, once everything received is in ClickHouse. */
export async function verdictOf(
  url: string,
  window: { from: number; to: number },
): Promise<Verdict> {
  const query = `from=${window.from}&to=${window.to}&flush=1`;
  return (await getJson(`${url}/api/v1/bottlenecks?${query}`, answerTimeoutMs)) as Verdict;
}

export async function statusOf(url: string): Promise<Status> {
  return (await getJson(`${url}/api/v1/status`, answerTimeoutMs)) as Status;
}

/** Resolves when everything that the collector has acknowledged is in ClickHouse. */
export async function flush(url: string): Promise<void> {
  await getJson(`${url}/api/v1/flush`, answerTimeoutMs, 'POST');
}

/** What `GET /readyz` says: undefined when ready, else the reason. */
export async function notReadyBecause(url: string): Promise<string | undefined> {
  const response = await ask(`${url}/readyz`, healthTimeoutMs, 'GET');
  const body = await response.text();
  return response.ok ? undefined : messageOf(body, response.status);
}

async function getJson(url: string, timeoutMs: number, method = 'GET'): Promise<unknown> {
  const response = await ask(url, timeoutMs, method);
  const body = await response.text();
  if (!response.ok) throw new Error(messageOf(body, response.status));
  return JSON.parse(body);
}

async function ask(url: string, timeoutMs: number, method: string): Promise<Response> {
  return await fetch(url, {
    method,
    headers: { accept: 'application/json', connection: 'close' },
    signal: AbortSignal.timeout(timeoutMs),
  });
}

/** The collector's errors say what to do in `message`. */
function messageOf(body: string, status: number): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    if (typeof message === 'string') return message;
  } catch {
    // Not one of ours: its text is all there is.
  }
  return `HTTP ${status}: ${body.slice(0, 200)}`;
}
