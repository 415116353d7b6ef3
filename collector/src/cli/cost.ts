// `venturi cost -- COMMAND`: what the agent costs on the user's own service, with an interval.
import { writeFile } from 'node:fs/promises';
import { readOptions } from './arguments.js';
import { type Interval, medianInterval } from './cost-interval.js';
import type { Load } from './cost-load.js';
import { type CostPlan, measureRounds, type Round } from './cost-rounds.js';
import { startSink, startUsageServer } from './cost-usage.js';
import { agentRegisterFile } from './places.js';
import { startReaper } from './reaper-client.js';
import { type Subcommand, say, UsageError } from './subcommand.js';

const defaults = { rounds: '10', requests: '2000', connections: '10' };
const roundsMin = 2;

/** What is found out, as it is printed and written. */
interface Cost {
  requests: number;
  rounds: Round[];
  /** What the agent adds. */
  addedCpuMicrosPerRequest: Interval;
  addedCpuShare: Interval;
  addedRssBytes: Interval;
  addedP99Ms: Interval;
  failed: { without: number; with: number };
}

export const cost: Subcommand = {
  name: 'cost',
  summary: 'measures what the agent costs on your service',
  usage: `venturi cost --url URL[,URL…] [--method POST] [--body JSON] [--rounds ${defaults.rounds}] [--requests ${defaults.requests}]
             [--connections ${defaults.connections}] [--json FILE] -- COMMAND [ARGUMENTS]

Starts the command by turns with and without the agent, sends the same requests to URL, and prints
how much CPU, memory and latency the agent adds, with 95 % intervals. The command must serve at URL
each time that it is started; what it prints to standard output is left out. Spans are exported to a
sink, so that exporting is in the figure. Close everything else that is busy.`,
  async run(args) {
    const { command, load, options } = readArguments(args);
    const register = agentRegisterFile();
    if (register === undefined) {
      say('the agent is not built: run npm run build in the folder of Venturi');
      return 1;
    }
    const reaper = startReaper();
    const [usage, sink] = [await startUsageServer(), await startSink()];
    const plan: CostPlan = {
      command,
      load,
      ...options,
      register,
      reaper,
      usage,
      sink,
      progress: say,
    };
    try {
      const found = costOf(await measureRounds(plan), options.requests);
      if (options.json !== undefined) {
        await writeFile(options.json, `${JSON.stringify(found, undefined, 2)}\n`);
      }
      process.stdout.write(`${lines(found).join('\n')}\n`);
      return 0;
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
      return 1;
    } finally {
      usage.close();
      sink.close();
      reaper.stop();
    }
  },
};

interface Arguments {
  command: string[];
  load: Load;
  options: { rounds: number; requests: number; json: string | undefined };
}

function readArguments(args: readonly string[]): Arguments {
  const split = args.indexOf('--');
  const own = split === -1 ? args : args.slice(0, split);
  const command = split === -1 ? [] : args.slice(split + 1);
  const names = ['url', 'method', 'body', 'rounds', 'requests', 'connections', 'json'] as const;
  const given = { ...defaults, ...readOptions(own, names) };
  if (command.length === 0) {
    throw new UsageError('which command? venturi cost --url http://localhost:3000/ -- node app.js');
  }
  if (given.url === undefined) throw new UsageError('which requests? --url http://localhost:3000/');
  const urls = given.url.split(',');
  for (const url of urls) {
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
      throw new UsageError(`${url} is no URL such as http://localhost:3000/`);
    }
  }
  const body = given.body ?? '';
  const method = given.method ?? (body === '' ? 'GET' : 'POST');
  const connections = whole('connections', given.connections, 1);
  return {
    command: [...command],
    load: { urls, method, body, connections },
    options: {
      rounds: whole('rounds', given.rounds, roundsMin),
      requests: whole('requests', given.requests, 1),
      json: given.json,
    },
  };
}

function whole(name: string, text: string, min: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < min) {
    throw new UsageError(`--${name} must be a whole number from ${min} on`);
  }
  return value;
}

function costOf(rounds: Round[], requests: number): Cost {
  const added = (of: (round: Round) => number): Interval => medianInterval(rounds.map(of));
  const sum = (way: keyof Round): number =>
    rounds.reduce((all, round) => all + round[way].failed, 0);
  return {
    requests,
    rounds,
    addedCpuMicrosPerRequest: added(
      (round) => round.with.cpuMicrosPerRequest - round.without.cpuMicrosPerRequest,
    ),
    addedCpuShare: added(
      (round) => round.with.cpuMicrosPerRequest / round.without.cpuMicrosPerRequest - 1,
    ),
    addedRssBytes: added((round) => round.with.rssBytes - round.without.rssBytes),
    addedP99Ms: added((round) => round.with.p99Ms - round.without.p99Ms),
    failed: { without: sum('without'), with: sum('with') },
  };
}

function lines(found: Cost): string[] {
  const { rounds, requests, failed } = found;
  const text = ({ value, low, high }: Interval, scale: number, digits: number): string => {
    const [a, b, c] = [value, low, high].map((one) => (one * scale).toFixed(digits));
    return `${a}  (95 %: ${b} to ${c})`;
  };
  const isUnsure = found.addedCpuMicrosPerRequest.low <= 0;
  return [
    `What the agent adds, the median of ${rounds.length} pairs of ${requests} requests:`,
    `  CPU a request   µs  ${text(found.addedCpuMicrosPerRequest, 1, 1)}`,
    `                   %  ${text(found.addedCpuShare, 100, 1)}`,
    `  memory          MB  ${text(found.addedRssBytes, 1 / 1024 / 1024, 1)}`,
    `  latency, p99    ms  ${text(found.addedP99Ms, 1, 2)}`,
    ...(failed.with + failed.without === 0
      ? []
      : [`Requests that failed: ${failed.without} without the agent, ${failed.with} with it.`]),
    ...(isUnsure ? ['The interval of CPU holds zero: more --rounds or --requests tell more.'] : []),
  ];
}
