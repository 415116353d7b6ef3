// Statements about OpenTelemetry's API that hold for the agent and for the SDK alike.

import assert from 'node:assert/strict';
import { after, before, beforeEach, it } from 'node:test';
import { type Span, type SpanContext, TraceFlags, type Tracer, trace } from '@opentelemetry/api';
import { agentEngine, type Comparable, comparable, type Engine, sdkEngine } from './api-engines.js';
import type { DecodedSpan } from './otlp-proto.js';

/** A span of another process. */
export const REMOTE: SpanContext = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: TraceFlags.SAMPLED,
  isRemote: true,
};

/** Uses the API and returns what it saw, which must be the same under both. */
export type Scenario = (tracer: Tracer) => unknown;

/** What came of a scenario, under the agent and then under the SDK. */
export interface Outcome {
  seen: unknown[];
  spans: Comparable[][];
  raw: DecodedSpan[][];
}

const engines: Engine[] = [];

/** Starts both for the tests of a file. */
export function useEngines(): void {
  before(async () => engines.push(agentEngine(), await sdkEngine()));
  after(() => Promise.all(engines.map((engine) => engine.close())));
  beforeEach(() => Promise.all(engines.map((engine) => engine.take())));
}

/** Runs a scenario under both. */
export async function runBoth(scenario: Scenario): Promise<Outcome> {
  const outcome: Outcome = { seen: [], spans: [], raw: [] };
  for (const engine of engines) {
    engine.register();
    outcome.seen.push(await scenario(trace.getTracer('app', '1.2.3')));
    const taken = await engine.take();
    outcome.raw.push(taken);
    outcome.spans.push(comparable(taken));
  }
  return outcome;
}

/** States what a scenario records; both must agree in all else too. */
export function same(
  statement: string,
  scenario: Scenario,
  check: (spans: Comparable[], seen: unknown) => void,
): void {
  it(statement, async () => {
    const { seen, spans } = await runBoth(scenario);
    assert.deepEqual(spans[0], spans[1]);
    assert.deepEqual(seen[0], seen[1]);
    for (const i of [0, 1]) check(spans[i] as Comparable[], seen[i]);
  });
}

/** A scenario of one span that ends. */
export function one(use: (span: Span) => unknown, options = {}): Scenario {
  return (tracer) => {
    const span = tracer.startSpan('one', options);
    const seen = use(span);
    span.end();
    return seen;
  };
}

/** A value that must be a list. */
export function list<Element>(value: unknown): Element[] {
  assert.ok(Array.isArray(value));
  return value as Element[];
}
