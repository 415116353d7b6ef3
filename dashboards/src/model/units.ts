// Numbers as text, by the ids that Grafana gives to units.

const dash = '–';

type Scale = [from: number, divisor: number, suffix: string];

const TIME_MS: Scale[] = [
  [0, 1e-3, ' µs'],
  [1, 1, ' ms'],
  [1e3, 1e3, ' s'],
  [60e3, 60e3, ' min'],
  [3600e3, 3600e3, ' h'],
];
const BYTES: Scale[] = [
  [0, 1, ' B'],
  [1024, 1024, ' KiB'],
  [1024 ** 2, 1024 ** 2, ' MiB'],
  [1024 ** 3, 1024 ** 3, ' GiB'],
];
const COUNT: Scale[] = [
  [0, 1, ''],
  [10e3, 1e3, ' K'],
  [1e6, 1e6, ' M'],
  [1e9, 1e9, ' G'],
];

const UNITS: Record<string, (value: number, decimals?: number) => string> = {
  ms: (value, decimals) => scaled(value, TIME_MS, decimals),
  s: (value, decimals) => scaled(value * 1e3, TIME_MS, decimals),
  bytes: (value, decimals) => scaled(value, BYTES, decimals),
  short: (value, decimals) => scaled(value, COUNT, decimals),
  percentunit: (value, decimals) => `${digits(value * 100, decimals)} %`,
  reqps: (value, decimals) => `${scaled(value, COUNT, decimals)} /s`,
  ops: (value, decimals) => `${scaled(value, COUNT, decimals)} /s`,
  dateTimeAsIso: (value, decimals) =>
    decimals === 0 ? clockTime(value).slice(0, 8) : clockTime(value),
};

/** A number as text: three significant digits unless `decimals` says otherwise; a dash where there is none. */
export function formatNumber(value: number | null, unit = 'none', decimals?: number): string {
  if (value === null || !Number.isFinite(value)) return dash;
  const format = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
  return format ? format(value, decimals) : digits(value, decimals);
}

function scaled(value: number, scales: Scale[], decimals?: number): string {
  const size = Math.abs(value);
  if (size === 0) return `0${scales === TIME_MS ? ' ms' : (scales[0]?.[2] ?? '')}`;
  const [, divisor, suffix] = scales.findLast(([from]) => size >= from) ?? [0, 1, ''];
  return `${digits(value / divisor, decimals)}${suffix}`;
}

function digits(value: number, decimals?: number): string {
  if (decimals !== undefined) return value.toFixed(decimals);
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 100) return value.toFixed(0);
  const text = size >= 10 ? value.toFixed(1) : size >= 1 ? value.toFixed(2) : value.toPrecision(2);
  // 0.50 says no more than 0.5, and 1e-7 says nothing to most people.
  return String(Number(text));
}

const pad = (n: number, width = 2) => String(n).padStart(width, '0');

/** Time of day with milliseconds, in the reader's zone. */
export function clockTime(atMs: number): string {
  const at = new Date(atMs);
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map((n) => pad(n)).join(':');
  return `${time}.${pad(at.getMilliseconds(), 3)}`;
}

/** Date and time to the second, in the reader's zone. */
export function dateTime(atMs: number): string {
  const at = new Date(atMs);
  const date = [at.getFullYear(), pad(at.getMonth() + 1), pad(at.getDate())].join('-');
  return `${date} ${clockTime(atMs).slice(0, 8)}`;
}
