// `venturi doctor`: says why no data arrives, one line per check, and what to do about it.
import { healthOf } from './api.js';
import { readOptions } from './arguments.js';
import { checkCollector } from './doctor-collector.js';
import { checkDelivery } from './doctor-delivery.js';
import { checkMachine } from './doctor-machine.js';
import { endpointOf, findCollector } from './find-collector.js';
import type { Finding } from './finding.js';
import type { Subcommand } from './subcommand.js';

export const doctor: Subcommand = {
  name: 'doctor',
  summary: 'says why no data arrives',
  usage: `venturi doctor [--url URL]

Checks Node.js, the agent, the embedded engine and the collector, and sends one request of its own
from a small process with the agent to the collector. Exit code 1 where something is wrong.`,
  async run(args) {
    const options = readOptions(args, ['url']);
    const url = options.url?.replace(/\/+$/, '');
    const found = url === undefined ? await findCollector(process.env) : await at(url);
    const where = url ?? endpointOf(process.env);
    let problems = 0;
    for await (const finding of findings(found?.url, where)) {
      if (!finding.ok) problems += 1;
      process.stdout.write(`${lineOf(finding)}\n`);
    }
    const verdict = problems === 1 ? '1 problem' : `${problems} problems`;
    process.stdout.write(problems === 0 ? 'everything is as it should be\n' : `${verdict}\n`);
    return problems === 0 ? 0 : 1;
  },
};

async function at(url: string): Promise<{ url: string } | undefined> {
  return (await healthOf(url)) ? { url } : undefined;
}

async function* findings(url: string | undefined, where: string): AsyncGenerator<Finding> {
  yield* checkMachine(process.env);
  yield* checkCollector(url, where);
  if (url !== undefined) yield* checkDelivery(url);
}

function lineOf({ ok, text, advice }: Finding): string {
  const line = `${ok ? 'ok     ' : 'problem'}  ${text}`;
  return advice === undefined ? line : `${line}\n         ${advice}`;
}
