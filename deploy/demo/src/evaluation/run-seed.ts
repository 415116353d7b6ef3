// One run of an evaluation: fresh services, load, a window, a verdict.
import { setTimeout as delay } from 'node:timers/promises';
import { fetchVerdict } from '../report/verdict.js';
import type { Scenario } from '../scenario/plant.js';
import { type Ground, startScene } from '../stack/demo.js';
import type { SeedRun } from './score.js';

const WARM_UP_MS = 4_000;
/** A leak needs this long under load until its heap is full. */
const LEAK_WARM_UP_MS = 12_000;

export interface RunOptions {
  durationMs: number;
  signal: AbortSignal;
}

/** Runs a scenario on a collector and a database that outlive it; only its own window is judged. */
export async function runScenario(
  ground: Ground,
  scenario: Scenario,
  { durationMs, signal }: RunOptions,
): Promise<SeedRun> {
  const scene = await startScene(ground, scenario);
  try {
    const leaks = scenario.plants.some(({ name }) => name === 'gc');
    await delay(leaks ? LEAK_WARM_UP_MS : WARM_UP_MS, undefined, { signal });
    scene.load.mark();
    scene.shop.mark();
    const from = Date.now();
    await delay(durationMs, undefined, { signal });
    const latencies = await scene.load.summary();
    const plantCosts = await scene.shop.plantCosts();
    const to = Date.now();
    // The agents send what is left when their services end.
    await scene.stop();
    const verdict = await fetchVerdict(ground.collector.ready.url, { from, to });
    return { scenario, verdict, latencies, plantCosts };
  } finally {
    await scene.stop();
  }
}
