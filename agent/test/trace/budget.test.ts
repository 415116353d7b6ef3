// The budget over minutes of a skewed load, by an injected clock: it holds, rates stay right, rare routes stay whole.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Budget } from '../../src/trace/budget.js';
import { THRESHOLD_NEVER } from '../../src/trace/threshold.js';

const SPANS_PER_S = 1000;
const SECONDS = 600;
const WARM_S = 5;
const ROUTES = 30;
const SPANS_PER_REQUEST = 4;

interface Tally {
  requests: number;
  kept: number;
  /** The sum of the weights of what was kept. */
  estimated: number;
}

function tally(): Tally {
  return { requests: 0, kept: 0, estimated: 0 };
}

/** A linear congruential generator (Numerical Recipes), so that a failure can be repeated. */
function random(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Requests of route `i` in a second: from 640 down to 1 in ten seconds. */
function ratePerS(i: number): number {
  return 640 / 1.3 ** i;
}

function simulate(failuresOf: (route: number) => number): {
  routes: Tally[];
  failures: Tally;
  spansPerS: number;
} {
  const draw = random();
  const budget = new Budget({ spansPerS: SPANS_PER_S, slowRequestMs: 1000 });
  const routes = Array.from({ length: ROUTES }, tally);
  const failures = tally();
  let keptSpans = 0;
  for (let second = 0; second < SECONDS; second++) {
    let made = 0;
    for (const [i, route] of routes.entries()) {
      const exact = ratePerS(i);
      const requests = Math.floor(exact) + (draw() < exact % 1 ? 1 : 0);
      for (let n = 0; n < requests; n++) {
        const hasFailed = draw() < failuresOf(i);
        made += SPANS_PER_REQUEST;
        const randomness = Math.floor(draw() * THRESHOLD_NEVER);
        const threshold = budget.isActive
          ? budget
              .draw(`GET /${i}`, randomness)
              .settle({ durationMs: 10, hasFailed, spans: SPANS_PER_REQUEST })
          : 0;
        if (second < WARM_S) continue;
        for (const sum of hasFailed ? [route, failures] : [route]) {
          sum.requests++;
          if (threshold === undefined) continue;
          sum.kept++;
          sum.estimated += 1 / (1 - threshold / THRESHOLD_NEVER);
        }
        if (threshold !== undefined) keptSpans += SPANS_PER_REQUEST;
      }
    }
    budget.tick(made);
  }
  return { routes, failures, spansPerS: keptSpans / (SECONDS - WARM_S) };
}

describe('the budget', () => {
  const { routes, spansPerS: keptSpansPerS } = simulate(() => 0);

  it('holds, and is used', () => {
    assert.ok(
      Math.abs(keptSpansPerS - SPANS_PER_S) < 0.1 * SPANS_PER_S,
      `${keptSpansPerS} spans/s`,
    );
  });

  it('keeps the rates of all routes right, within what chance allows', () => {
    for (const [i, { requests, kept, estimated }] of routes.entries()) {
      // Four standard errors of an estimate from so many that were kept.
      const allowed = (4 * requests) / Math.sqrt(kept) + 1;
      assert.ok(
        Math.abs(estimated - requests) < allowed,
        `route ${i}: ${estimated} for ${requests}, of which ${kept} were kept`,
      );
    }
  });

  it('keeps rare routes whole', () => {
    for (const { requests, kept } of routes.slice(-15)) assert.equal(kept, requests);
  });

  it('keeps all failures where they fit, and counts each as one', () => {
    const { failures } = simulate(() => 0.01);
    assert.ok(failures.requests > 1000);
    assert.equal(failures.kept, failures.requests);
    assert.equal(failures.estimated, failures.requests);
  });

  it('is not broken by a service that fails all the time, and still counts its failures right', () => {
    const { failures, spansPerS } = simulate(() => 0.9);
    assert.ok(spansPerS < 1.1 * SPANS_PER_S, `${spansPerS} spans/s`);
    const error = Math.abs(failures.estimated - failures.requests) / failures.requests;
    assert.ok(error < 0.02, `${error} off`);
  });

  it('keeps everything again when the load is gone', () => {
    const budget = new Budget({ spansPerS: 100, slowRequestMs: 1000 });
    budget.tick(500);
    assert.equal(budget.isActive, true);
    for (let second = 0; second < 5; second++) budget.tick(50);
    assert.equal(budget.isActive, false);
  });
});
