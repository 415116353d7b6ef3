// A query's answer by columns, with times and numbers as numbers.

type FieldKind = 'time' | 'number' | 'text' | 'other';

export interface FrameField {
  name: string;
  kind: FieldKind;
  /** Times in milliseconds since the epoch; numbers or null; text; anything else as it came. */
  values: unknown[];
}

export interface Frame {
  fields: FrameField[];
  length: number;
}

/** Builds a frame from columns with ClickHouse's types and rows in their order. */
export function toFrame(columns: { name: string; type: string }[], rows: unknown[][]): Frame {
  const fields = columns.map(({ name, type }, index) => {
    const kind = kindOf(type);
    return { name, kind, values: rows.map((row) => convert(row[index], kind)) };
  });
  return { fields, length: rows.length };
}

function kindOf(type: string): FieldKind {
  const bare = type
    .replace(/^(?:LowCardinality|Nullable)\((.*)\)$/, '$1')
    .replace(/^Nullable\((.*)\)$/, '$1');
  if (/^Date/.test(bare)) return 'time';
  if (/^(?:U?Int|Float|Decimal|BFloat)/.test(bare)) return 'number';
  if (/^(?:String|FixedString|Enum|UUID|IPv|Bool)/.test(bare)) return 'text';
  return 'other';
}

function convert(value: unknown, kind: FieldKind): unknown {
  if (value === null || value === undefined) return null;
  if (kind === 'number') return Number(value);
  if (kind === 'text') return String(value);
  if (kind === 'time') return parseUtc(String(value));
  return value;
}

/** ClickHouse writes `2026-11-22 18:36:40.123456789`; our times are all UTC. */
function parseUtc(text: string): number {
  const [whole = '', fraction = ''] = text.replace(' ', 'T').replace(/Z$/, '').split('.');
  const seconds = Date.parse(whole.includes('T') ? `${whole}Z` : `${whole}T00:00:00Z`);
  return fraction === '' ? seconds : seconds + Number(`0.${fraction}`) * 1000;
}

/** One line of a chart: its name and a value or null for each time. */
export interface Series {
  name: string;
  values: (number | null)[];
}

/**
 * Lines of a chart from rows in long form: text columns tell lines apart, and a number column called `Value` leaves
 * its name to them, as in Grafana.
 */
export function toSeries(frame: Frame): { times: number[]; series: Series[] } {
  const time = frame.fields.find((field) => field.kind === 'time');
  if (time === undefined) return { times: [], series: [] };
  const times = [...new Set(time.values as number[])].sort((a, b) => a - b);
  const place = new Map(times.map((at, index) => [at, index]));
  const labels = frame.fields.filter((field) => field.kind === 'text');
  const numbers = frame.fields.filter((field) => field.kind === 'number');
  const series = new Map<string, Series>();
  for (let row = 0; row < frame.length; row++) {
    const label = labels.map((field) => String(field.values[row])).join(' ');
    for (const field of numbers) {
      const name = nameOf(field.name, label);
      const line = series.get(name) ?? { name, values: new Array<null>(times.length).fill(null) };
      line.values[place.get(time.values[row] as number) ?? 0] = field.values[row] as number | null;
      series.set(name, line);
    }
  }
  return { times, series: [...series.values()] };
}

function nameOf(column: string, label: string): string {
  if (label === '') return column;
  return column === 'Value' ? label : `${column} ${label}`;
}
