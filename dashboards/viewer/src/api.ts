// Asks the collector: which dashboards there are, what a panel shows, what a variable offers.
import type { DashboardJson } from '../../src/model/grafana-json.js';

/** An answer that says why there is none. */
class ApiError extends Error {}

export interface Asked {
  dashboard: string;
  /** Milliseconds since the epoch. */
  from: number;
  to: number;
  variables: Record<string, string>;
}

export interface PanelAnswer {
  columns: { name: string; type: string }[];
  rows: unknown[][];
  sql: string;
  elapsedMs: number;
}

export interface Option {
  text: string;
  value: string;
}

export function fetchDashboard(uid: string): Promise<DashboardJson> {
  return ask<DashboardJson>(`/api/v1/dashboards/${encodeURIComponent(uid)}`);
}

export function queryPanel(
  asked: Asked & { panelId: number; refId: string; intervalMs: number },
): Promise<PanelAnswer> {
  return ask<PanelAnswer>('/api/v1/query', asked);
}

export async function fetchOptions(asked: Asked & { name: string }): Promise<Option[]> {
  const { options } = await ask<{ options: Option[] }>('/api/v1/variable', asked);
  return options;
}

async function ask<T>(path: string, body?: object): Promise<T> {
  const request: RequestInit =
    body === undefined
      ? {}
      : {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        };
  let response: Response;
  try {
    response = await fetch(path, request);
  } catch {
    throw new ApiError('The collector does not answer. Is it still running?');
  }
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok && answer !== undefined) return answer as T;
  const { message } = (answer ?? {}) as { message?: string };
  throw new ApiError(message ?? `The collector answered ${response.status}.`);
}
