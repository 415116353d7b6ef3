// Expands the macros of Grafana's ClickHouse datasource, so that one SQL text serves Grafana and the viewer.
// Expansions are those of the datasource's documentation and tests (plugin 4.5 and later).

/** The time that a page shows, and the step that suits its width. */
export interface Range {
  /** Milliseconds since the epoch; both ends are inside. */
  fromMs: number;
  toMs: number;
  /** Step between two points, at least 1. */
  intervalMs: number;
}

type Expansion = (args: string[], range: Range) => string;

const seconds = (ms: number) => Math.floor(ms / 1000);
const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
const stepSeconds = (range: Range) => Math.max(1, Math.floor(range.intervalMs / 1000));

const timeFilter: Expansion = ([column], { fromMs, toMs }) =>
  `${column} >= toDateTime(${seconds(fromMs)}) AND ${column} <= toDateTime(${seconds(toMs)})`;
const dateFilter: Expansion = ([column], { fromMs, toMs }) =>
  `${column} >= toDate('${day(fromMs)}') AND ${column} <= toDate('${day(toMs)}')`;
const dateTimeFilter: Expansion = ([date = '', time = ''], range) =>
  `(${dateFilter([date], range)}) AND (${timeFilter([time], range)})`;

/** Each macro with the number of its arguments. */
const MACROS: Record<string, { takes: number; expand: Expansion }> = {
  timeFilter: { takes: 1, expand: timeFilter },
  timeFilter_ms: {
    takes: 1,
    expand: ([column], { fromMs, toMs }) =>
      `${column} >= fromUnixTimestamp64Milli(${fromMs}) AND ${column} <= fromUnixTimestamp64Milli(${toMs})`,
  },
  dateFilter: { takes: 1, expand: dateFilter },
  dateTimeFilter: { takes: 2, expand: dateTimeFilter },
  dt: { takes: 2, expand: dateTimeFilter },
  fromTime: { takes: 0, expand: (_, { fromMs }) => `toDateTime(${seconds(fromMs)})` },
  toTime: { takes: 0, expand: (_, { toMs }) => `toDateTime(${seconds(toMs)})` },
  fromTime_ms: { takes: 0, expand: (_, { fromMs }) => `fromUnixTimestamp64Milli(${fromMs})` },
  toTime_ms: { takes: 0, expand: (_, { toMs }) => `fromUnixTimestamp64Milli(${toMs})` },
  timeInterval: {
    takes: 1,
    expand: ([column], range) =>
      `toStartOfInterval(toDateTime(${column}), INTERVAL ${stepSeconds(range)} second)`,
  },
  timeInterval_ms: {
    takes: 1,
    expand: ([column], { intervalMs }) =>
      `toStartOfInterval(toDateTime64(${column}, 3), INTERVAL ${intervalMs} millisecond)`,
  },
  interval_s: { takes: 0, expand: (_, range) => String(stepSeconds(range)) },
  interval_ms: { takes: 0, expand: (_, { intervalMs }) => String(intervalMs) },
};

/**
 * Replaces every macro in `sql`. An unknown `$__x` stays as it is, as in Grafana. Throws an Error for a macro with too
 * few arguments or without its closing parenthesis.
 */
export function expandMacros(sql: string, range: Range): string {
  const macro = /\$__(\w+)/g;
  let expanded = '';
  let done = 0;
  for (let found = macro.exec(sql); found !== null; found = macro.exec(sql)) {
    const [text, name = ''] = found;
    const known = Object.hasOwn(MACROS, name) ? MACROS[name] : undefined;
    if (known === undefined) continue;
    const { args, end } = readArguments(sql, found.index + text.length, name);
    if (args.length < known.takes) {
      throw new Error(`$__${name} takes ${known.takes} arguments and got ${args.length}`);
    }
    const inner = args.map((arg) => expandMacros(arg, range));
    expanded += sql.slice(done, found.index) + known.expand(inner, range);
    done = end;
    macro.lastIndex = end;
  }
  return expanded + sql.slice(done);
}

/** Arguments in parentheses right after a macro's name, none where there are no parentheses. */
function readArguments(sql: string, start: number, name: string): { args: string[]; end: number } {
  if (sql[start] !== '(') return { args: [], end: start };
  const args: string[] = [];
  let depth = 0;
  let from = start + 1;
  for (let at = start; at < sql.length; at++) {
    const char = sql[at];
    if (char === '(') depth++;
    if (char === ',' && depth === 1) {
      args.push(sql.slice(from, at).trim());
      from = at + 1;
    }
    if (char !== ')') continue;
    depth--;
    if (depth > 0) continue;
    const last = sql.slice(from, at).trim();
    return { args: last === '' ? args : [...args, last], end: at + 1 };
  }
  throw new Error(`$__${name}( has no closing parenthesis`);
}
