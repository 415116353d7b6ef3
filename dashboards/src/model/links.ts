// Fills the placeholders of a link in a table cell, as Grafana does.
import type { TimeRange } from './time-range.js';

export interface LinkScope {
  /** The row's values by column name. */
  fields: Record<string, unknown>;
  variables: Record<string, string>;
  range: TimeRange;
}

const PLACEHOLDER = /\$\{(\w+)((?:\.\w+|\["[^"]*"\])*)(?::(\w+))?\}/g;

/** The address that a link leads to. Every value is percent-encoded, so that it stays one value. */
export function fillLink(url: string, scope: LinkScope): string {
  return url.replace(PLACEHOLDER, (_, name: string, path: string) => {
    if (name === '__url_time_range') return timeQuery(scope.range);
    const column = /^\.fields(?:\.(\w+)|\["([^"]*)"\])$/.exec(path);
    if (name === '__data' && column !== null) {
      return encodeURIComponent(String(scope.fields[column[1] ?? column[2] ?? ''] ?? ''));
    }
    return encodeURIComponent(scope.variables[name] ?? '');
  });
}

/** `from=...&to=...` */
function timeQuery({ from, to }: TimeRange): string {
  return `from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`;
}
