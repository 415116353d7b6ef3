// What the bench asks before it times anything: whether the agent records its workloads as the oracle does.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';

type Rig = { node: string; folder: string; env: Record<string, string> };
type Check = (rig: Rig, workloads: readonly string[]) => Promise<Record<string, string[]>>;

const AGENT = join(__dirname, '..', '..', '..');

describe('the workloads of the bench', { concurrency: false }, () => {
  let backends: { env: Record<string, string>; stop(): Promise<void> };
  let checkSpans: Check;

  const load = (file: string): Promise<Record<string, unknown>> =>
    import(pathToFileURL(join(AGENT, 'bench', 'lib', file)).href);
  before(async () => {
    const { startBackends } = await load('backends.mjs');
    backends = await (startBackends as () => Promise<typeof backends>)();
    checkSpans = (await load('check-spans.mjs')).checkSpans as Check;
  });
  after(() => backends.stop());

  it('are recorded as the oracle records them', async () => {
    const rig = { node: process.execPath, folder: AGENT, env: backends.env };
    const recorded = await checkSpans(rig, ['hello', 'db', 'mixed']);
    const spans = (workload: string): string[] =>
      (recorded[workload] ?? []).filter((fact) => !/^ *[-!]/.test(fact)).map((fact) => fact.trim());
    assert.deepEqual(spans('hello'), ['server POST /hello/:id (unset)']);
    assert.deepEqual(spans('db'), ['server POST /db/:id (unset)', 'client SELECT (unset)']);
    assert.deepEqual(spans('mixed'), [
      'server POST /mixed/:id (unset)',
      'client GET (unset)',
      'client SELECT (unset)',
      'client SELECT (unset)',
      'client get (unset)',
    ]);
  });
});
