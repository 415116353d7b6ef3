// `venturi run` changes nothing about the command: output, input, signals and end are the command's own.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../engine/running-engine.js';
import { type FakeCollector, startFakeCollector } from './fake-collector.js';
import { freePort, isAlive, startVenturi } from './venturi-process.js';

const node = process.execPath;

describe('venturi run beside a collector that runs already', () => {
  let collector: FakeCollector;
  let env: Record<string, string>;
  before(async () => {
    collector = await startFakeCollector();
    // The agent stays out: what is tested here is what lies around it.
    env = { VENTURI_ENDPOINT: collector.url, VENTURI_ENABLED: '0' };
  });
  after(async () => await collector.close());

  it('passes input, output and exit code 0 through, byte for byte', async () => {
    const script = 'process.stdin.pipe(process.stdout); process.stderr.write("to stderr\\n")';
    const { child, ended } = startVenturi(['run', '--', node, '-e', script], { env });
    child.stdin.end('from stdin \u00e9\0\n');
    const end = await ended;
    assert.equal(end.stdout, 'from stdin \u00e9\0\n');
    assert.match(end.stderr, /to stderr\n/);
    assert.equal(end.code, 0);
  });

  it('exits with the code of the command', async () => {
    const end = await startVenturi(['run', node, '-e', 'process.exit(3)'], { env }).ended;
    assert.equal(end.code, 3);
    assert.equal(end.stdout, '');
  });

  it('dies of the signal that the command died of', async () => {
    const script = 'process.kill(process.pid, "SIGKILL")';
    const end = await startVenturi(['run', '--', node, '-e', script], { env }).ended;
    assert.deepEqual([end.code, end.signal], [null, 'SIGKILL']);
  });

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) {
    it(`passes ${signal} on, once, and waits for the command to end`, async () => {
      const script = `let n = 0;
        process.on('${signal}', () => { n += 1; setTimeout(() => { console.log('got', n); process.exit(5); }, 100); });
        console.log('up'); setInterval(() => undefined, 1000);`;
      const { child, stdout, ended } = startVenturi(['run', '--', node, '-e', script], { env });
      await eventually(() => (stdout().includes('up') ? true : undefined));
      child.kill(signal);
      const end = await ended;
      assert.deepEqual([end.code, end.stdout], [5, 'up\ngot 1\n']);
    });
  }

  // A shell waits for its child and passes nothing on, and neither does npx.
  it('reaches the program behind a launcher, once', async () => {
    const script = `let n = 0;
      process.on('SIGINT', () => { n += 1; setTimeout(() => { console.log('got', n); process.exit(5); }, 100); });
      console.log('up'); setInterval(() => undefined, 1000);`;
    const shell = `'${node}' -e "$SCRIPT"; exit $?`;
    const { child, stdout, ended } = startVenturi(['run', '--', 'sh', '-c', shell], {
      env: { ...env, SCRIPT: script },
    });
    await eventually(() => (stdout().includes('up') ? true : undefined));
    child.kill('SIGINT');
    const end = await ended;
    assert.equal(end.stdout, 'up\ngot 1\n');
  });

  it('gives the command its agent and its endpoint, and keeps its NODE_OPTIONS', async () => {
    const script =
      'console.log(JSON.stringify([process.env.NODE_OPTIONS, process.env.VENTURI_ENDPOINT]))';
    const { ended } = startVenturi(['run', '--', node, '-e', script], {
      env: { ...env, NODE_OPTIONS: '--max-old-space-size=300' },
    });
    const [options, endpoint] = JSON.parse((await ended).stdout) as [string, string];
    assert.match(options, /^--max-old-space-size=300 --require "?\/.*register\.js"?$/);
    assert.equal(endpoint, collector.url);
  });

  it('says that a command does not exist, as a shell would', async () => {
    const end = await startVenturi(['run', '--', 'no-such-command-here'], { env }).ended;
    assert.equal(end.code, 127);
    assert.match(end.stderr, /no-such-command-here: not found/);
  });

  it('judges the time of the command, prints the table and writes the JSON', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'venturi-run-'));
    const bottleneck = {
      service: 'shop',
      route: 'GET /orders/:id',
      cause: 'loop_blocked',
      costMs: 151.6,
      share: 0.83,
      callSite: 'hashPassword (src/auth.ts:12)',
      statement: '',
      traceId: '0af7651916cd43dd8448eb211c80319c',
      confidence: 0.9,
      requests: 1234,
      detail: 'the loop stood still',
    };
    const before = collector.answers.get('/api/v1/bottlenecks');
    collector.answers.set('/api/v1/bottlenecks', {
      ...{ from: 1, to: 2, requests: 1234, queries: [] },
      bottlenecks: [bottleneck],
    });
    collector.requests.length = 0;
    const started = Date.now();
    try {
      const json = join(folder, 'verdict.json');
      const end = await startVenturi(['run', '--json', json, '--', node, '-e', '0'], { env }).ended;
      assert.equal(end.code, 0);
      assert.equal(end.stdout, '');
      assert.match(end.stderr, /1 bottleneck in 1,234 requests/);
      assert.match(end.stderr, /shop +GET \/orders\/:id +loop_blocked +152 ms, 83 %/);
      assert.match(end.stderr, /at +hashPassword \(src\/auth\.ts:12\)/);
      assert.match(end.stderr, /trace 0af7651916cd43dd8448eb211c80319c/);
      assert.ok(end.stderr.includes(`look closer at ${collector.url}`));
      const written = JSON.parse(await readFile(json, 'utf8')) as { bottlenecks: unknown[] };
      assert.deepEqual(written.bottlenecks, [bottleneck]);
      const asked = collector.requests.find((one) => one.includes('/bottlenecks')) ?? '';
      const query = new URLSearchParams(asked.split('?')[1]);
      assert.equal(query.get('flush'), '1');
      assert.ok(Number(query.get('from')) >= started);
      assert.ok(Number(query.get('to')) > Number(query.get('from')));
    } finally {
      collector.answers.set('/api/v1/bottlenecks', before);
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('keeps the end of the command where there is no verdict to be had', async () => {
    const before = collector.answers.get('/api/v1/bottlenecks');
    collector.answers.delete('/api/v1/bottlenecks');
    try {
      const end = await startVenturi(['run', '--', node, '-e', 'process.exit(4)'], { env }).ended;
      assert.equal(end.code, 4);
      assert.match(end.stderr, /no verdict: nothing here/);
    } finally {
      collector.answers.set('/api/v1/bottlenecks', before);
    }
  });

  it('points to the doctor where no request was seen', async () => {
    const end = await startVenturi(['run', '--', node, '-e', '0'], { env }).ended;
    assert.match(end.stderr, /no request was seen: run venturi doctor/);
  });

  it('asks for a command and refuses options that it does not know', async () => {
    assert.equal((await startVenturi(['run'], { env }).ended).code, 2);
    assert.equal((await startVenturi(['run', '--nope', 'x', '--', 'true'], { env }).ended).code, 2);
  });
});

describe('venturi run by itself', () => {
  const places: string[] = [];
  const ownEnv = async (): Promise<Record<string, string>> => {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'venturi run ')));
    places.push(folder);
    return {
      VENTURI_DATA_DIR: folder,
      VENTURI_PORT: String(await freePort()),
      VENTURI_ENGINE_PORT: '0',
    };
  };
  after(async () => {
    for (const folder of places) await rm(folder, { recursive: true, force: true });
  });

  it('starts a collector for the command, sees its requests, and leaves nothing behind', async () => {
    const env = await ownEnv();
    const script = `const http = require('node:http');
      const server = http.createServer((request, response) => response.end('ok')).listen(0, () => {
        http.get({ port: server.address().port, path: '/hello' }, (response) => {
          response.resume();
          response.on('end', () => server.close());
        });
      });`;
    const end = await startVenturi(['run', '--', node, '-e', script], { env, cwd: tmpdir() }).ended;
    assert.equal(end.code, 0, end.stderr);
    assert.match(end.stderr, /no bottleneck found in 1 request\n/, end.stderr);
    const log = await readFile(join(env.VENTURI_DATA_DIR ?? '', 'collector.log'), 'utf8');
    const pids = [...log.matchAll(/"pid":(\d+)/g)].map((match) => Number(match[1]));
    assert.ok(pids.length > 0);
    for (const pid of pids) assert.equal(isAlive(pid), false);
  });

  it('leaves neither the command nor a collector behind when it is killed', async () => {
    const env = await ownEnv();
    const script = "console.log('up', process.pid); setInterval(() => undefined, 1000);";
    const { child, stdout, stderr, ended } = startVenturi(['run', '--', node, '-e', script], {
      env,
    });
    const pid = await eventually(() => {
      const match = /up (\d+)/.exec(stdout());
      return match ? Number(match[1]) : undefined;
    }, 30_000).catch((error: unknown) => {
      throw new Error(`${String(error)}: ${stderr()}`);
    });
    const url = /watch it live at (\S+)/.exec(stderr())?.[1] ?? '';
    const health = (await (await fetch(`${url}/healthz`)).json()) as { pid: number };
    child.kill('SIGKILL');
    await ended;
    await eventually(() => (isAlive(pid) || isAlive(health.pid) ? undefined : true), 30_000);
  });
});
