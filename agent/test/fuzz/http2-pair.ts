// Runs a scenario of HTTP/2 with and without the agent, and tells whether an application could know which it was.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { REGISTER } from '../support/app.js';
import type { FakeCollector } from '../support/fake-collector.js';
import { fixturePath } from '../support/stalls.js';
import { Http2Peer, visit } from './http2-peer.js';
import type { Http2ClientScenario, Http2ServerScenario } from './http2-scenarios.js';

/** Races have more than one outcome without the agent too; it may have any of them, and no other. */
const TRIES_MAX = 12;
const ANSWER_MS_MAX = 20_000;

type Scenario = Http2ClientScenario | Http2ServerScenario;

/** The service without and with the agent, or what stands in its place. */
export class Http2Pair {
  /** Scenarios whose outcome was not the same at once. */
  races = 0;
  readonly #bare = new Http2Side([], {});
  readonly #ours: Http2Side;

  /** @param other what stands in the place of the agent in the test of the fuzz itself */
  constructor(collector: FakeCollector, other?: { preload: string; env: Record<string, string> }) {
    // Whatever it costs, or it would record less and there would be nothing to compare.
    const whole = { VENTURI_CPU_SHARE_MAX: '0', VENTURI_SPANS_PER_SECOND: '0' };
    const url = collector.url;
    const reporting = { VENTURI_ENDPOINT: url, VENTURI_FLUSH_INTERVAL_MS: '50', ...whole };
    this.#ours = new Http2Side([other?.preload ?? REGISTER], other?.env ?? reporting);
  }

  /** Fails where the agent shows. */
  async compare(scenario: Scenario): Promise<void> {
    const bare = new Set<string>();
    const ours: string[] = [];
    for (let i = 0; i < TRIES_MAX; i++) {
      const [one, other] = await Promise.all([this.#bare.run(scenario), this.#ours.run(scenario)]);
      bare.add(one);
      ours.push(other);
      if (ours.some((outcome) => bare.has(outcome))) return;
      if (i === 0) this.races++;
    }
    assert.equal(ours[0], [...bare][0]);
  }

  async stop(): Promise<void> {
    await this.#bare.stop();
    await this.#ours.stop();
  }
}

/** A fixture that obeys over IPC. */
class Http2Side {
  readonly #child: ChildProcess;
  readonly #ready: Promise<unknown>;

  constructor(preload: readonly string[], env: Record<string, string>) {
    const nodeArgs = preload.flatMap((file) => ['--require', file]);
    this.#child = spawn(process.execPath, [...nodeArgs, fixturePath('fuzz-http2.cjs')], {
      env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1', ...env },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#ready = once(this.#child, 'message');
  }

  /** @returns what the application saw, and what the other end did */
  async run(scenario: Scenario): Promise<string> {
    let saw: string;
    if (scenario.role === 'server') {
      const { port } = await this.#ask(scenario);
      saw = await visit(port as number, scenario);
    } else {
      const peer = new Http2Peer(scenario);
      await this.#ask({ ...scenario, port: await peer.listen() });
      saw = await peer.silence();
      const { log } = await this.#ask('finish');
      await peer.close();
      return told(log, saw);
    }
    const { log } = await this.#ask('finish');
    return told(log, saw);
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  async #ask(question: unknown): Promise<Record<string, unknown>> {
    await this.#ready;
    const answer = once(this.#child, 'message');
    this.#child.send(question as object);
    const late = sleep(ANSWER_MS_MAX, undefined, { ref: false }).then(() => {
      throw new Error(`no answer to ${JSON.stringify(question)}`);
    });
    return (await Promise.race([answer, late]))[0] as Record<string, unknown>;
  }
}

function told(log: unknown, saw: string): string {
  return `${(log as string[]).join('\n')}\n--\n${saw}`.replace(/127\.0\.0\.1:\d+/g, 'server');
}
