// `venturi report`: the bottlenecks that a running collector sees.
import { writeFile } from 'node:fs/promises';
import type { Verdict } from '../schema/verdict.js';
import { healthOf, verdictOf } from './api.js';
import { readDuration, readOptions, readTime } from './arguments.js';
import { endpointOf, findCollector } from './find-collector.js';
import { type Subcommand, say, UsageError } from './subcommand.js';
import { verdictLines } from './verdict-text.js';

const lastDefault = '15m';

export const report: Subcommand = {
  name: 'report',
  summary: 'shows the bottlenecks that a running collector sees',
  usage: `venturi report [--last 5m] [--from TIME] [--to TIME] [--json FILE] [--url URL]

Asks a running collector for the bottlenecks of a window of time (the last ${lastDefault} by default)
and prints them. --json writes them to a file as well; --json - prints JSON in place of the table.
TIME is a date such as 2026-01-31T12:00:00Z or milliseconds since the epoch.`,
  async run(args) {
    const options = readOptions(args, ['last', 'from', 'to', 'json', 'url']);
    const window = windowOf(options);
    const url = await collectorUrl(options.url);
    if (url === undefined) {
      const where = options.url ?? endpointOf(process.env);
      say(`no collector answers at ${where}: start one with venturi collect`);
      return 1;
    }
    const verdict = await verdictOf(url, window);
    if (options.json === '-') {
      process.stdout.write(verdictJson(verdict));
      return 0;
    }
    if (options.json !== undefined) await writeFile(options.json, verdictJson(verdict));
    process.stdout.write(`${verdictLines(verdict).join('\n')}\n`);
    return 0;
  },
};

/** A verdict as the JSON that `--json` writes. */
export function verdictJson(verdict: Verdict): string {
  const { from, to, requests, bottlenecks } = verdict;
  return `${JSON.stringify({ from, to, requests, bottlenecks }, null, 2)}\n`;
}

async function collectorUrl(given: string | undefined): Promise<string | undefined> {
  if (given === undefined) return (await findCollector(process.env))?.url;
  const url = given.replace(/\/+$/, '');
  return (await healthOf(url)) ? url : undefined;
}

function windowOf(options: { last?: string; from?: string; to?: string }): {
  from: number;
  to: number;
} {
  const to = options.to === undefined ? Date.now() : readTime(options.to);
  const lastMs = readDuration(options.last ?? lastDefault);
  const from = options.from === undefined ? to - lastMs : readTime(options.from);
  if (from >= to) throw new UsageError('--from must lie before --to');
  return { from, to };
}
