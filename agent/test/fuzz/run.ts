// Fuzzes for as long as it is told to: `node agent/dist/test/fuzz/run.js --minutes 10 [--seed 1]`.

import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { FakeCollector } from '../support/fake-collector.js';
import { Pair } from './compare.js';
import { clientScenario, serverScenario } from './scenarios.js';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '1' }, seed: { type: 'string', default: '' } },
});
const BATCH = 200;

async function main(): Promise<void> {
  const collector = new FakeCollector();
  await collector.listen();
  const pair = new Pair(collector);
  const untilMs = Date.now() + Number(values.minutes) * 60_000;
  let seed = values.seed === '' ? Date.now() % 1_000_000 : Number(values.seed);
  let scenarios = 0;
  while (Date.now() < untilMs) {
    const options = { seed, numRuns: BATCH, interruptAfterTimeLimit: untilMs - Date.now() };
    const count = <T>(run: (scenario: T) => Promise<void>) => {
      return (scenario: T): Promise<void> => {
        scenarios++;
        return run(scenario);
      };
    };
    await fc.assert(
      fc.asyncProperty(
        serverScenario,
        count((it) => pair.serve(it)),
      ),
      options,
    );
    await fc.assert(
      fc.asyncProperty(
        clientScenario,
        count((it) => pair.call(it)),
      ),
      options,
    );
    process.stdout.write(`seed ${seed}: ${scenarios} scenarios, ${pair.races} races\n`);
    seed++;
  }
  await pair.stop();
  await collector.close();
}

void main().catch((error: unknown) => {
  const { message, cause } = error as Error;
  process.stderr.write(`${message}\n${cause instanceof Error ? cause.message : ''}\n`);
  process.exit(1);
});
