// Answers for a panel or a variable of a dashboard: finds its SQL, expands it, runs it. Callers never send SQL.
import { VenturiError } from '../../self/errors.js';
import { type Dashboard, dashboardsFolder, readDashboards } from './dashboard-files.js';
import { expandMacros, type Range } from './macros.js';
import { bindVariables } from './variables.js';

/** What panels need of the store: a query with a limit on its time. */
interface PanelReader {
  query(
    sql: string,
    params: Record<string, unknown>,
    options: { timeoutMs: number },
  ): Promise<{ columns: { name: string; type: string }[]; rows: unknown[][]; elapsedMs: number }>;
}

/** Which query of which dashboard, over which time, with which values of its variables. */
interface PanelRequest extends Range {
  dashboard: string;
  panelId: number;
  refId: string;
  variables: Record<string, string>;
}

type VariableRequest = Omit<PanelRequest, 'panelId' | 'refId'> & { name: string };

export interface PanelAnswer {
  columns: { name: string; type: string }[];
  rows: unknown[][];
  /** What ran, with macros and variables expanded. */
  sql: string;
  elapsedMs: number;
}

interface VariableAnswer {
  options: { text: string; value: string }[];
  sql: string;
}

export interface Panels {
  /** All dashboards, in the order of their uids. */
  list(): { uid: string; title: string; description: string }[];
  /** The JSON of a dashboard. Throws NOT_FOUND. */
  dashboard(uid: string): Record<string, unknown>;
  /** Throws NOT_FOUND, BAD_REQUEST, and what the store throws. */
  query(request: PanelRequest): Promise<PanelAnswer>;
  /** Throws NOT_FOUND, BAD_REQUEST, and what the store throws. */
  variable(request: VariableRequest): Promise<VariableAnswer>;
}

export interface PanelsOptions {
  store: PanelReader;
  /** Folder of generated dashboards; empty for the one that comes with Venturi. */
  dashboardsDir: string;
}

const queryTimeoutMs = 20_000;
/** A chart of 26 weeks in steps of an hour, by five lines. */
const rowsMax = 20_000;
const valueCharsMax = 1024;
const rangeMsMax = 400 * 86_400_000;

/** Reads the dashboards once. Throws CONFIG_INVALID where the folder cannot be read. */
export function createPanels({ store, dashboardsDir }: PanelsOptions): Panels {
  const folder = dashboardsFolder(dashboardsDir);
  const dashboards = folder === undefined ? new Map<string, Dashboard>() : readDashboards(folder);
  const find = (uid: string): Dashboard => {
    const dashboard = dashboards.get(uid);
    if (dashboard === undefined) throw notFound(`no dashboard ${uid}`);
    return dashboard;
  };
  return {
    list: () =>
      [...dashboards.values()].map(({ uid, title, description }) => ({ uid, title, description })),
    dashboard: (uid) => find(uid).json,
    async query(request) {
      const dashboard = find(request.dashboard);
      const rawSql = dashboard.targets.get(`${request.panelId}/${request.refId}`);
      if (rawSql === undefined) {
        throw notFound(`no query ${request.refId} in panel ${request.panelId} of ${dashboard.uid}`);
      }
      const sql = expand(rawSql, dashboard, request);
      return { ...(await run(store, sql)), sql };
    },
    async variable(request) {
      const dashboard = find(request.dashboard);
      const rawSql = dashboard.variables.get(request.name);
      if (!rawSql) throw notFound(`no query for a variable ${request.name} in ${dashboard.uid}`);
      const sql = expand(rawSql, dashboard, request);
      const { rows } = await run(store, sql);
      // One column is value and text in one; of two, Grafana takes the first as the value.
      const options = rows.map((row) => ({
        value: String(row[0] ?? ''),
        text: String(row[1] ?? row[0] ?? ''),
      }));
      return { options, sql };
    },
  };
}

async function run(store: PanelReader, sql: string): ReturnType<PanelReader['query']> {
  const answer = await store.query(sql, {}, { timeoutMs: queryTimeoutMs });
  if (answer.rows.length > rowsMax) {
    throw badRequest(`the answer has over ${rowsMax} rows; choose a shorter time range`);
  }
  return answer;
}

type Expandable = Range & { variables: Record<string, string> };

function expand(rawSql: string, dashboard: Dashboard, request: Expandable): string {
  checkRange(request);
  const values = new Map([...dashboard.variables.keys()].map((name) => [name, '']));
  for (const [name, value] of Object.entries(request.variables)) {
    if (!values.has(name)) throw badRequest(`${dashboard.uid} has no variable ${name}`);
    if (value.length > valueCharsMax) {
      throw badRequest(`the value of ${name} is over ${valueCharsMax} characters`);
    }
    values.set(name, value);
  }
  try {
    // Macros first: a value that looks like a macro must stay a value.
    return bindVariables(expandMacros(rawSql, request), values);
  } catch (cause) {
    throw badRequest((cause as Error).message);
  }
}

function checkRange({ fromMs, toMs, intervalMs }: Range): void {
  const numbers = [fromMs, toMs, intervalMs];
  if (!numbers.every((n) => Number.isSafeInteger(n) && n >= 0)) {
    throw badRequest('from, to and intervalMs are whole milliseconds');
  }
  if (fromMs >= toMs || toMs - fromMs > rangeMsMax) {
    throw badRequest('from must lie before to, by at most 400 days');
  }
  if (intervalMs < 1) throw badRequest('intervalMs is at least 1');
}

function notFound(detail: string): VenturiError {
  return new VenturiError('NOT_FOUND', { detail });
}

function badRequest(detail: string): VenturiError {
  return new VenturiError('BAD_REQUEST', { detail });
}
