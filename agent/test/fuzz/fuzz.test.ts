// What may go wrong with a request or a call goes wrong in the same way with the agent, byte for byte and error for error.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { FakeCollector } from '../support/fake-collector.js';
import { fixturePath } from '../support/stalls.js';
import { Pair } from './compare.js';
import { clientScenario, serverScenario } from './scenarios.js';

/** Always the same scenarios; `run.ts` draws others. */
const FIXED = { seed: 20_261_126, numRuns: 70 };

describe('an application with the agent', { concurrency: false }, () => {
  const collector = new FakeCollector();
  let pair: Pair;

  before(async () => {
    await collector.listen();
    pair = new Pair(collector);
  });
  after(async () => {
    await pair.stop();
    await collector.close();
  });

  it('serves as it does without', () =>
    fc.assert(
      fc.asyncProperty(serverScenario, (scenario) => pair.serve(scenario)),
      FIXED,
    ));

  it('calls as it does without', () =>
    fc.assert(
      fc.asyncProperty(clientScenario, (scenario) => pair.call(scenario)),
      FIXED,
    ));
});

describe('the fuzz', { concurrency: false }, () => {
  const collector = new FakeCollector();
  before(() => collector.listen());
  after(() => collector.close());

  for (const wrong of ['listener', 'callback', 'error', 'order']) {
    it(`finds a wrong hook: ${wrong}`, async () => {
      const other = { preload: fixturePath('fuzz-wrong.cjs'), env: { WRONG: wrong } };
      const pair = new Pair(collector, other);
      try {
        const once = { ...FIXED, endOnFailure: true };
        const run =
          wrong === 'listener' || wrong === 'callback'
            ? fc.assert(
                fc.asyncProperty(serverScenario, (one) => pair.serve(one)),
                once,
              )
            : fc.assert(
                fc.asyncProperty(clientScenario, (one) => pair.call(one)),
                once,
              );
        await assert.rejects(run);
      } finally {
        await pair.stop();
      }
    });
  }
});
