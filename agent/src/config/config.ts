// Reads the options from the environment.

import { tell } from '../self/log.js';
import { OPTIONS } from './options.js';

type Widen<Value> = Value extends string ? string : Value extends number ? number : boolean;

/** The agent's settings: every option of the table by its name. */
export type Config = {
  readonly [Name in keyof typeof OPTIONS]: Widen<(typeof OPTIONS)[Name]['default']>;
};

/** Environment variables. */
export type Env = Readonly<Record<string, string | undefined>>;

interface AnyOption {
  env: readonly string[];
  default: string | number | boolean;
  min?: number;
  max?: number;
  format?: 'http-url' | 'compression';
  oneOf?: readonly string[];
}

/** Reads every option; one that is not valid is reported and its default used. */
export function readConfig(env: Env): Config {
  const values = Object.entries(OPTIONS).map(([name, option]) => [name, readOption(option, env)]);
  return Object.fromEntries(values) as Config;
}

function readOption(option: AnyOption, env: Env): string | number | boolean {
  const variable = option.env.find((name) => env[name] !== undefined && env[name] !== '');
  if (variable === undefined) return option.default;
  const value = parse(option, (env[variable] as string).trim());
  if (value !== undefined) return value;
  tell('VENTURI_A003', `${variable}=${env[variable]}`);
  return option.default;
}

function parse(option: AnyOption, text: string): string | number | boolean | undefined {
  if (option.oneOf !== undefined) return option.oneOf.includes(text) ? text : undefined;
  if (typeof option.default === 'string') return isFormat(text, option.format) ? text : undefined;
  if (typeof option.default === 'boolean') return parseBoolean(text);
  const value = Number(text);
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = option;
  return Number.isFinite(value) && value >= min && value <= max ? value : undefined;
}

function isFormat(text: string, format: AnyOption['format']): boolean {
  if (format === 'http-url') return /^https?:/.test(text) && URL.canParse(text);
  return format !== 'compression' || text === 'gzip' || text === 'none';
}

function parseBoolean(text: string): boolean | undefined {
  const lower = text.toLowerCase();
  if (['true', '1', 'yes', 'on'].includes(lower)) return true;
  if (['false', '0', 'no', 'off'].includes(lower)) return false;
  return undefined;
}

/**
 * Reads `key=value,key=value` with percent-encoded values: the format of OTEL_RESOURCE_ATTRIBUTES and
 * OTEL_EXPORTER_OTLP_HEADERS in OpenTelemetry's specification. Pairs that make no sense are left out.
 */
export function parsePairs(text: string): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const pair of text.split(',')) {
    const at = pair.indexOf('=');
    if (at <= 0) continue;
    const raw = pair.slice(at + 1).trim();
    try {
      pairs[pair.slice(0, at).trim()] = decodeURIComponent(raw);
    } catch {
      pairs[pair.slice(0, at).trim()] = raw;
    }
  }
  return pairs;
}
