// Reads `--name value` and `--name=value` of a subcommand.
import { UsageError } from './subcommand.js';

/** The options that were given, by name. Throws a UsageError for one that is not in `known`. */
export function readOptions<Name extends string>(
  args: readonly string[],
  known: readonly Name[],
): Partial<Record<Name, string>> {
  const options: Partial<Record<Name, string>> = {};
  for (let i = 0; i < args.length; i += 1) {
    const match = /^--([a-z-]+)(?:=(.*))?$/s.exec(args[i] ?? '');
    const name = known.find((one) => one === match?.[1]);
    if (name === undefined) throw new UsageError(`unknown argument ${args[i]}`);
    let value = match?.[2];
    if (value === undefined) {
      i += 1;
      value = args[i];
    }
    if (value === undefined || value === '') throw new UsageError(`--${name} needs a value`);
    options[name] = value;
  }
  return options;
}

const unitsMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A duration such as `90s`, `5m` or `2h`, in milliseconds. */
export function readDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  const unit = unitsMs[match?.[2] ?? ''];
  if (!match || unit === undefined)
    throw new UsageError(`${text} is no duration such as 30s or 5m`);
  return Number(match[1]) * unit;
}

/** A point in time, as milliseconds since the epoch or as a date such as `2026-01-31T12:00:00Z`. */
export function readTime(text: string): number {
  const time = /^\d{10,}$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isNaN(time)) throw new UsageError(`${text} is no time such as 2026-01-31T12:00:00Z`);
  return time;
}
