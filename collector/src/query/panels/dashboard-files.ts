// Reads the folder of generated dashboards and finds queries in them.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { VenturiError } from '../../self/errors.js';

/** A dashboard in Grafana's classic JSON; `json` is passed on as it is. */
export interface Dashboard {
  uid: string;
  title: string;
  description: string;
  json: Record<string, unknown>;
  /** SQL by `<panel id>/<refId>`. */
  targets: Map<string, string>;
  /** SQL of each query variable, empty for the other kinds, by the variable's name. */
  variables: Map<string, string>;
}

/** More files than this are no folder of dashboards. */
const dashboardsMax = 200;

/**
 * The folder that an option names, or the one that comes with Venturi where it is empty. Undefined where the package
 * with the dashboards is not installed beside the collector.
 */
export function dashboardsFolder(configured: string): string | undefined {
  if (configured !== '') return configured;
  try {
    const manifest = createRequire(import.meta.url).resolve('@venturi/dashboards/package.json');
    return join(dirname(manifest), 'generated');
  } catch {
    return undefined;
  }
}

/** Reads every `*.json` of a folder, by uid. Throws CONFIG_INVALID where it cannot be read or understood. */
export function readDashboards(folder: string): Map<string, Dashboard> {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
    if (names.length > dashboardsMax) throw new Error(`more than ${dashboardsMax} files`);
    const read = names.sort().map((name) => parse(readFileSync(join(folder, name), 'utf8'), name));
    return new Map(read.map((dashboard) => [dashboard.uid, dashboard]));
  } catch (cause) {
    const detail = `VENTURI_DASHBOARDS_DIR ${folder}: ${(cause as Error).message}`;
    throw new VenturiError('CONFIG_INVALID', { detail, cause });
  }
}

function parse(text: string, name: string): Dashboard {
  const json: unknown = JSON.parse(text);
  if (!isRecord(json) || typeof json.uid !== 'string') throw new Error(`${name} is no dashboard`);
  const templating = isRecord(json.templating) ? json.templating : {};
  return {
    uid: json.uid,
    title: textOf(json.title),
    description: textOf(json.description),
    json,
    targets: new Map(recordsOf(json.panels).flatMap(targetsOf)),
    variables: new Map(recordsOf(templating.list).map(variableOf)),
  };
}

function targetsOf(panel: Record<string, unknown>): [string, string][] {
  const own = recordsOf(panel.targets).map((target): [string, string] => [
    `${String(panel.id)}/${textOf(target.refId)}`,
    textOf(target.rawSql),
  ]);
  return [...own, ...recordsOf(panel.panels).flatMap(targetsOf)];
}

function variableOf(variable: Record<string, unknown>): [string, string] {
  const query = isRecord(variable.query) ? textOf(variable.query.rawSql) : '';
  return [textOf(variable.name), variable.type === 'query' ? query : ''];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function recordsOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
