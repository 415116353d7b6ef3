// Reads the options from the command line and the environment and says clearly what is wrong with them.
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { VenturiError } from '../self/errors.js';
import {
  type IntegerOption,
  OPTIONS,
  type Option,
  type OptionName,
  type TextOption,
} from './options.js';

/** Every option with its value; folders are absolute. */
export type Config = {
  readonly [Name in OptionName]: (typeof OPTIONS)[Name]['kind'] extends 'integer'
    ? number
    : (typeof OPTIONS)[Name]['kind'] extends 'flag'
      ? boolean
      : string;
};

export interface ConfigSources {
  env: Readonly<Record<string, string | undefined>>;
  /** Arguments after the program and the subcommand. */
  argv: readonly string[];
}

/**
 * Parses the options: a flag goes before the environment, the environment before the default.
 * Throws CONFIG_INVALID for an unknown flag or a value out of range, naming it.
 */
export function parseConfig(sources: ConfigSources): Config {
  const flags = readFlags(sources.argv);
  const values: Record<string, number | boolean | string> = {};
  for (const [name, option] of Object.entries<Option>(OPTIONS)) {
    const given = flags.get(option.flag);
    const fromEnv = sources.env[option.env];
    const raw = given ?? (fromEnv === '' ? undefined : fromEnv);
    values[name] = raw === undefined ? option.default : readValue(option, raw);
  }
  const config = values as Config;
  return {
    ...config,
    dataDir: absolute(config.dataDir === '' ? defaultDataDir(sources.env) : config.dataDir),
    dashboardsDir: config.dashboardsDir === '' ? '' : absolute(config.dashboardsDir),
  };
}

/** The data folder where none is given: under XDG_DATA_HOME, else under ~/.local/share. */
export function defaultDataDir(env: ConfigSources['env']): string {
  const xdg = env.XDG_DATA_HOME;
  // The specification says that a relative XDG_DATA_HOME is to be ignored.
  const base = xdg && isAbsolute(xdg) ? xdg : join(homedir(), '.local', 'share');
  return join(base, 'venturi');
}

function absolute(folder: string): string {
  return folder.startsWith('~/') ? join(homedir(), folder.slice(2)) : resolve(folder);
}

/** Reads `--name value`, `--name=value` and, for yes-or-no options, a bare `--name`. */
function readFlags(argv: readonly string[]): Map<string, string> {
  const byFlag = new Map<string, Option>(Object.values<Option>(OPTIONS).map((o) => [o.flag, o]));
  const flags = new Map<string, string>();
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index] ?? '';
    const match = /^--([a-z][a-z-]*)(?:=(.*))?$/s.exec(argument);
    const option = match?.[1] === undefined ? undefined : byFlag.get(match[1]);
    if (!match || !option) throw invalid(`unknown argument ${argument}`);
    let value = match[2];
    if (value === undefined && option.kind === 'flag') value = '1';
    if (value === undefined) {
      index += 1;
      value = argv[index];
    }
    if (value === undefined) throw invalid(`--${option.flag} needs a value`);
    flags.set(option.flag, value);
  }
  return flags;
}

function readValue(option: Option, raw: string): number | boolean | string {
  if (option.kind === 'integer') return readInteger(option, raw);
  if (option.kind === 'text') return readText(option, raw);
  const lower = raw.toLowerCase();
  if (['1', 'true', 'yes', 'on'].includes(lower)) return true;
  if (['0', 'false', 'no', 'off'].includes(lower)) return false;
  throw invalid(`${option.env} is '${raw}' and must be 1 or 0`);
}

function readInteger(option: IntegerOption, raw: string): number {
  const value = /^\d{1,15}$/.test(raw.trim()) ? Number(raw) : Number.NaN;
  if (value >= option.min && value <= option.max) return value;
  const range = `${option.min} to ${option.max}`;
  throw invalid(
    `${option.env} is '${raw}' and must be a whole number (${option.unit}) from ${range}`,
  );
}

function readText(option: TextOption, raw: string): string {
  if (option.oneOf && !option.oneOf.includes(raw)) {
    throw invalid(`${option.env} is '${raw}' and must be one of ${option.oneOf.join(', ')}`);
  }
  if (option.unit === 'url' && !URL.canParse(raw)) {
    throw invalid(`${option.env} is not a URL such as http://127.0.0.1:8123`);
  }
  return raw;
}

function invalid(detail: string): VenturiError {
  return new VenturiError('CONFIG_INVALID', { detail });
}
