// Plays sequences of database calls with and without the agent, and tells whether an application could know which it was.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { REGISTER } from '../support/app.js';
import type { FakeCollector } from '../support/fake-collector.js';
import { fixturePath } from '../support/stalls.js';

const ANSWER_MS_MAX = 30_000;
const LEAVE_MS_MAX = 3_000;
const NAMES_MAX = 6;

/** Calls by their names in the fixture. */
export interface DatabaseScenario {
  names: string[];
  isInRequest: boolean;
}

/** A fixture that plays calls of one library. */
class Application {
  /** What it can play. */
  readonly names: Promise<string[]>;
  readonly #child: ChildProcess;
  readonly #gone: Promise<never>;

  constructor(preload: readonly string[], env: Record<string, string>) {
    const nodeArgs = preload.flatMap((file) => ['--require', file]);
    this.#child = spawn(process.execPath, [...nodeArgs, fixturePath('fuzz-databases.cjs')], {
      env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1', NODE_ENV: 'test', ...env },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#gone = once(this.#child, 'exit').then(([code, signal]) => {
      throw new Error(`the process ended with ${code ?? signal}`);
    });
    this.#gone.catch(() => {});
    this.names = this.#answer().then(({ names }) => names as string[]);
    this.names.catch(() => {});
  }

  async play(scenario: DatabaseScenario): Promise<string> {
    const answer = this.#answer();
    this.#child.send(scenario);
    return normal(((await answer).log as string[]).join('\n'));
  }

  /** @returns how the process ended when it was left alone */
  async leave(): Promise<string> {
    const ended = once(this.#child, 'exit').then(([code, signal]) => String(code ?? signal));
    this.#child.send('leave');
    const late = sleep(LEAVE_MS_MAX, 'it does not end', { ref: false });
    return Promise.race([ended, late]);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  async #answer(): Promise<Record<string, unknown>> {
    const controller = new AbortController();
    const { signal } = controller;
    const late = sleep(ANSWER_MS_MAX, undefined, { signal }).then(() => {
      throw new Error('the application says nothing any more');
    });
    late.catch(() => {});
    try {
      const answer = once(this.#child, 'message', { signal });
      return (await Promise.race([answer, this.#gone, late]))[0] as Record<string, unknown>;
    } finally {
      controller.abort();
    }
  }
}

/** Without what differs between two runs of the same program. */
function normal(text: string): string {
  return text
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:port')
    .replace(/side-\w+/g, 'side')
    .replace(/(threadId|connectionId|processID|id): \d+/g, '$1: some')
    .replace(/((?:local|remote)?[pP]ort): \d+/g, '$1: some');
}

/** The first lines that are not the same. */
function difference(found: { scenario: DatabaseScenario; bare: string; ours: string }): string {
  const [bare, ours] = [found.bare.split('\n'), found.ours.split('\n')];
  const at = bare.findIndex((line, index) => line !== ours[index]);
  const from = Math.max(0, (at === -1 ? bare.length : at) - 1);
  const told = (lines: string[]): string => lines.slice(from, from + 4).join('\n  ');
  const { names, isInRequest } = found.scenario;
  return `${names.join()}${isInRequest ? ' in a request' : ''}\nwithout\n  ${told(bare)}\nwith\n  ${told(ours)}`;
}

/** What stands where the agent would, in the test of the fuzz itself. */
export interface Other {
  preload: string;
  env: Record<string, string>;
}

/** The two processes. */
export class DatabasePair {
  readonly #bare: Application;
  readonly #ours: Application;

  constructor(collector: FakeCollector, env: Record<string, string>, other?: Other) {
    const reporting = {
      VENTURI_ENDPOINT: collector.url,
      VENTURI_FLUSH_INTERVAL_MS: '50',
      VENTURI_CPU_SHARE_MAX: '0',
    };
    this.#bare = new Application([], { ...env, SIDE: 'side-bare' });
    this.#ours = new Application([other?.preload ?? REGISTER], {
      ...env,
      ...(other?.env ?? reporting),
      SIDE: 'side-ours',
    });
  }

  /** Scenarios of the library. */
  async scenarios(): Promise<fc.Arbitrary<DatabaseScenario>> {
    const names = await this.#bare.names;
    return fc.record({
      names: fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: NAMES_MAX }),
      isInRequest: fc.boolean(),
    });
  }

  /** All calls, each in a scenario of its own and in a request. */
  async each(): Promise<void> {
    const failures: string[] = [];
    for (const name of await this.#bare.names) {
      await this.compare({ names: [name], isInRequest: true }).catch((error: Error) =>
        failures.push(error.message),
      );
    }
    assert.ok(failures.length === 0, failures.join('\n\n'));
  }

  /** Fails where the agent shows. There is no second try: a call that races is a mistake in the fixture. */
  async compare(scenario: DatabaseScenario): Promise<void> {
    await Promise.all([this.#bare.names, this.#ours.names]);
    const [bare, ours] = await Promise.all([this.#bare.play(scenario), this.#ours.play(scenario)]);
    assert.ok(ours === bare, difference({ scenario, bare, ours }));
  }

  /** Fails where a process that has closed everything ends in another way, or does not; the oldest pg leaves timers. */
  async leave(): Promise<void> {
    const [bare, ours] = await Promise.all([this.#bare.leave(), this.#ours.leave()]);
    assert.equal(ours, bare);
  }

  async stop(): Promise<void> {
    await this.#bare.stop();
    await this.#ours.stop();
  }
}
