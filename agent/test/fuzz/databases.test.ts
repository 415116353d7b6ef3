// What may go wrong with a database call goes wrong in the same way with the agent: results, callbacks, errors, events, order.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { FakeCollector } from '../support/fake-collector.js';
import { startPostgres } from '../support/postgres.js';
import { fixturePath } from '../support/stalls.js';
import { DatabasePair } from './databases.js';

/** Always the same scenarios; a long run asks for others. */
const FIXED = {
  seed: Number(process.env.VENTURI_FUZZ_SEED ?? 20_261_127),
  numRuns: Number(process.env.VENTURI_FUZZ_RUNS ?? 15),
};

/** A server, and the environment by which the fixtures find it. */
interface Engine {
  env: Record<string, string>;
  stop(): Promise<void>;
}

/** One server, the fixture that uses it, and the libraries that the fixture is run with. */
interface Driver {
  operations: string;
  start(): Promise<Engine>;
  libraries: Record<string, string>[];
  /** Breaks the first of them in the ways that follow. */
  spoiler: string;
  mistakes: string[];
}

const DRIVERS: Driver[] = [
  {
    operations: 'fuzz-pg.cjs',
    start: startPostgres,
    libraries: [
      { LIBRARY: 'pg', POOL_LIBRARY: 'pg-pool' },
      { LIBRARY: 'pg-low', POOL_LIBRARY: 'pg-pool-low' },
    ],
    spoiler: 'fuzz-wrong-pg.cjs',
    mistakes: ['argument', 'promise', 'error', 'name'],
  },
];

for (const { operations, start, libraries, spoiler, mistakes } of DRIVERS) {
  describe(operations, { concurrency: false }, () => {
    const collector = new FakeCollector();
    let engine: Engine;

    before(async () => {
      await collector.listen();
      engine = await start();
    });
    after(async () => {
      await engine.stop();
      await collector.close();
    });

    for (const library of libraries) {
      it(`behaves with the agent as it does without: ${library.LIBRARY}`, async () => {
        const env = { ...engine.env, ...library, OPERATIONS: operations };
        const pair = new DatabasePair(collector, env);
        try {
          await pair.each();
          const scenarios = await pair.scenarios();
          await fc.assert(
            fc.asyncProperty(scenarios, (scenario) => pair.compare(scenario)),
            FIXED,
          );
          await pair.leave();
        } finally {
          await pair.stop();
        }
      });
    }

    for (const mistake of mistakes) {
      it(`finds a wrong hook: ${mistake}`, async () => {
        const env = { ...engine.env, ...libraries[0], OPERATIONS: operations };
        const wrong = { preload: fixturePath(spoiler), env: { WRONG: mistake } };
        const pair = new DatabasePair(collector, env, wrong);
        try {
          await assert.rejects(pair.each(), /without/);
        } finally {
          await pair.stop();
        }
      });
    }
  });
}
