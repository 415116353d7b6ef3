// Runs a scenario with and without the agent, and tells whether an application could know which it was.

import assert from 'node:assert/strict';
import { REGISTER } from '../support/app.js';
import type { FakeCollector } from '../support/fake-collector.js';
import type { ClientScenario, ServerScenario } from './scenarios.js';
import { type Outcome, Side } from './side.js';

/** Races have more than one outcome without the agent too; it may have any of them, and no other. */
const TRIES_MAX = 12;

/** The four processes. */
export class Pair {
  /** Scenarios whose outcome was not the same at once. */
  races = 0;
  readonly #servers: [Side, Side];
  readonly #clients: [Side, Side];

  /** @param other what stands in the place of the agent in the test of the fuzz itself */
  constructor(collector: FakeCollector, other?: { preload: string; env: Record<string, string> }) {
    const preload = other?.preload ?? REGISTER;
    const reporting = { VENTURI_ENDPOINT: collector.url, VENTURI_FLUSH_INTERVAL_MS: '50' };
    const env = other?.env ?? reporting;
    const start = (fixture: string): [Side, Side] => [
      new Side(fixture, [], {}),
      new Side(fixture, [preload], env),
    ];
    this.#servers = start('fuzz-server.cjs');
    this.#clients = start('fuzz-client.cjs');
  }

  /** Fails where the agent shows. */
  serve(scenario: ServerScenario): Promise<void> {
    return this.#compare(this.#servers, (side) => side.serve(scenario));
  }

  /** Fails where the agent shows. */
  call(scenario: ClientScenario): Promise<void> {
    return this.#compare(this.#clients, (side) => side.call(scenario));
  }

  async stop(): Promise<void> {
    for (const side of [...this.#servers, ...this.#clients]) await side.stop();
  }

  async #compare(sides: [Side, Side], run: (side: Side) => Promise<Outcome>): Promise<void> {
    const bare: Outcome[] = [];
    const ours: Outcome[] = [];
    for (let i = 0; i < TRIES_MAX; i++) {
      // Whoever comes second finds this process busy with the first.
      const order = i % 2 === 0 ? sides : sides.toReversed();
      const outcomes = await Promise.all(order.map(run));
      const [one, other] = i % 2 === 0 ? outcomes : outcomes.toReversed();
      bare.push(one as Outcome);
      ours.push(other as Outcome);
      if (ours.some((outcome) => bare.some((known) => isSame(outcome, known)))) return;
      if (i === 0) this.races++;
    }
    assert.deepEqual(ours[0], bare[0]);
  }
}

function isSame(one: Outcome, other: Outcome): boolean {
  return one.wire === other.wire && one.log.join('\n') === other.log.join('\n');
}
