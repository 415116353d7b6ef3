// `venturi report` and `venturi doctor`: what they print and how they exit.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readDuration, readTime } from '../../src/cli/arguments.js';
import { UsageError } from '../../src/cli/subcommand.js';
import { verdictLines } from '../../src/cli/verdict-text.js';
import { type FakeCollector, startFakeCollector } from './fake-collector.js';
import { freePort, startVenturi } from './venturi-process.js';

describe('venturi', () => {
  it('shows its subcommands, and refuses one that it does not have', async () => {
    const help = await startVenturi(['--help']).ended;
    assert.equal(help.code, 0);
    for (const name of ['run', 'collect', 'report', 'doctor']) {
      assert.match(help.stdout, new RegExp(`venturi ${name} `));
      const own = await startVenturi([name, '--help']).ended;
      assert.equal(own.code, 0);
      assert.match(own.stdout, new RegExp(`^venturi ${name} `));
    }
    const none = await startVenturi([]).ended;
    assert.equal(none.code, 2);
    const unknown = await startVenturi(['nonsense']).ended;
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /there is no subcommand nonsense/);
  });
});

describe('venturi report', () => {
  let collector: FakeCollector;
  before(async () => {
    collector = await startFakeCollector();
  });
  after(async () => await collector.close());

  it('prints the window that was asked for, as a table or as JSON', async () => {
    collector.requests.length = 0;
    const args = ['report', '--url', collector.url];
    const table = await startVenturi([...args, '--from', '2026-01-31T12:00:00Z', '--last=5m'])
      .ended;
    assert.equal(table.code, 0, table.stderr);
    assert.equal(table.stdout, 'no request was seen: run venturi doctor\n');
    const json = await startVenturi([
      ...args,
      '--json',
      '-',
      '--to',
      '1769860800000',
      '--last',
      '2h',
    ]).ended;
    assert.deepEqual(JSON.parse(json.stdout), { from: 1, to: 2, requests: 0, bottlenecks: [] });
    const asked = collector.requests.filter((one) => one.includes('bottlenecks'));
    assert.match(asked[0] ?? '', /from=1769860800000&/);
    assert.match(asked[1] ?? '', /from=1769853600000&to=1769860800000&flush=1/);
  });

  it('says that there is no collector, and what it does not understand', async () => {
    const nowhere = `http://127.0.0.1:${await freePort()}`;
    const none = await startVenturi(['report', '--url', nowhere]).ended;
    assert.equal(none.code, 1);
    assert.match(none.stderr, /no collector answers at http:.*venturi collect/);
    for (const args of [['--last', 'x'], ['--from', 'x'], ['--nope', '1'], ['--json']]) {
      assert.equal((await startVenturi(['report', ...args]).ended).code, 2, args.join(' '));
    }
  });

  it('reads durations and times', () => {
    assert.equal(readDuration('1.5h'), 5_400_000);
    assert.equal(readDuration('250ms'), 250);
    assert.throws(() => readDuration('5 m'), UsageError);
    assert.equal(readTime('1769860800000'), 1_769_860_800_000);
    assert.equal(readTime('2026-01-31T12:00:00Z'), 1_769_860_800_000);
    assert.throws(() => readTime('yesterday'), UsageError);
  });

  it('puts numbers as a person reads them', () => {
    const one = {
      ...{ service: 's', route: 'GET /', cause: 'n_plus_one' as const, costMs: 1.234, share: 0.5 },
      ...{ callSite: '', statement: `SELECT\n ${'x'.repeat(200)}`, traceId: 'ab', confidence: 1 },
      ...{ requests: 1, detail: '' },
    };
    const verdict = { from: 0, to: 1, requests: 1, bottlenecks: [one, { ...one, costMs: 12_345 }] };
    const lines = verdictLines(verdict);
    assert.equal(lines[0], '2 bottlenecks in 1 request');
    assert.match(lines[3] ?? '', /^ {2}1 {2}s {8}GET \/ +n_plus_one +1\.2 ms, 50 %$/);
    assert.match(lines[4] ?? '', /^ {5}runs +SELECT x{152}…$/);
    assert.match(lines[6] ?? '', /12\.3 s, 50 %$/);
    assert.deepEqual(verdictLines({ ...verdict, requests: 2, bottlenecks: [] }), [
      'no bottleneck found in 2 requests',
    ]);
  });
});

describe('venturi doctor', () => {
  it('names a missing collector and a NODE_OPTIONS that cannot work, and exits 1', async () => {
    const env = {
      VENTURI_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
      VENTURI_DATA_DIR: join(tmpdir(), 'venturi-nothing-here'),
      OTEL_SDK_DISABLED: 'true',
    };
    const end = await startVenturi(['doctor'], { env }).ended;
    assert.equal(end.code, 1);
    assert.match(end.stdout, /problem {2}no collector answers at/);
    assert.match(end.stdout, /problem {2}OTEL_SDK_DISABLED is true/);
    assert.match(end.stdout, /ok {7}Node\.js /);
    assert.match(end.stdout, /2 problems\n$/);
  });

  it('finds that nothing arrives at a collector that hears nothing', async () => {
    const collector = await startFakeCollector();
    try {
      const end = await startVenturi(['doctor', '--url', collector.url]).ended;
      assert.equal(end.code, 1, end.stdout);
      assert.match(
        end.stdout,
        /problem {2}a process with the agent ran, but nothing of it reached/,
      );
      assert.ok(collector.requests.some((one) => one === 'POST /v1/traces'));
    } finally {
      await collector.close();
    }
  });

  it('delivers a span end to end through a real collector', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'venturi-doctor-'));
    const port = await freePort();
    const env = {
      ...{ VENTURI_DATA_DIR: folder, VENTURI_PORT: String(port), VENTURI_ENGINE_PORT: '0' },
    };
    const collector = startVenturi(['collect'], { env });
    try {
      const deadline = Date.now() + 30_000;
      let last = await startVenturi(['doctor'], { env }).ended;
      while (last.code !== 0 && Date.now() < deadline) {
        last = await startVenturi(['doctor'], { env }).ended;
      }
      assert.equal(last.code, 0, last.stdout + collector.stderr());
      assert.match(
        last.stdout,
        /ok {7}a request of the doctor went through the agent into ClickHouse/,
      );
      assert.match(last.stdout, /everything is as it should be\n$/);
    } finally {
      collector.child.kill('SIGTERM');
      assert.equal((await collector.ended).code, 0);
      await rm(folder, { recursive: true, force: true });
    }
  });
});
