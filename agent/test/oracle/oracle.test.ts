// The agent's spans against those of OpenTelemetry's own instrumentations, for the same traffic on the same service.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Difference, edited, type Side } from './difference.js';
import { DIFFERENCES } from './differences.js';
import { type Engine, startUnderAgent, startUnderSdk } from './engines.js';
import { describe as lines, type SpanTree } from './span-tree.js';
import { SERVICES } from './traffic.js';

/** For each row, the services in which it was seen. */
const seen = new Map<Difference, Set<string>>(DIFFERENCES.map((row) => [row, new Set()]));

for (const { name, fixture, which, asks, start } of SERVICES) {
  describe(`${name} as the oracle sees it`, { concurrency: false }, () => {
    const engines: Engine[] = [];
    let stop = (): Promise<void> => Promise.resolve();
    let answers: string[][] = [];
    const rows = DIFFERENCES.filter(({ where }) => where.includes(name));

    before(async () => {
      const behind = await start();
      stop = behind.stop;
      const env = { WHICH: which, ...behind.env };
      engines.push(await startUnderAgent(fixture, env), await startUnderSdk(fixture, env));
      // One after the other, since they may share a database.
      answers = [];
      for (const engine of engines) answers.push(await engine.send(asks));
    });
    after(async () => {
      for (const engine of engines) await engine.stop();
      await stop();
    });

    it('answers alike', () => assert.deepEqual(answers[0], answers[1]));

    for (const { path, method = 'GET' } of asks) {
      it(`${method} ${path}`, () => {
        const [agent, sdk] = engines.map((engine) => engine.tree(path)) as [SpanTree, SpanTree];
        for (const row of rows) note(row, name, { agent, sdk });
        const edits = rows.flatMap((row) => row.edits);
        assert.deepEqual(lines(edited(agent, 'agent', edits)), lines(edited(sdk, 'sdk', edits)));
      });
    }
  });
}

describe('the table of differences', () => {
  it('has no row that came to nothing', () => {
    for (const [row, where] of seen) assert.deepEqual([...where], row.where, row.agent);
  });
});

/** A row is seen where its edits change anything. */
function note(row: Difference, name: string, trees: Record<Side, SpanTree>): void {
  for (const side of ['agent', 'sdk'] as const) {
    const before = lines(trees[side]).join('\n');
    if (lines(edited(trees[side], side, row.edits)).join('\n') !== before) seen.get(row)?.add(name);
  }
}
