// What the agent costs, as metrics: its CPU by module, its share of the process's, and what it leaves out because of it.

import type { MetricPoint } from '../otlp/metrics.js';
import type { Overhead } from '../self/overhead.js';

/** Takes one sample after another. */
export class OverheadMetrics {
  readonly #overhead: Overhead;
  readonly #reportedMs = new Map<string, number>();

  constructor(overhead: Overhead) {
    this.#overhead = overhead;
  }

  /** The points of the time since the last call; `onLost` is to be called where they can't be sent. */
  take(startUnixMs: number, timeUnixMs: number): { points: MetricPoint[]; onLost: () => void } {
    const { cpuMs, share, shedSteps } = this.#overhead;
    // Nothing was read yet.
    if (share === undefined) return { points: [], onLost: () => {} };
    const news = [...cpuMs].map(
      ([module, ms]) => [module, ms - (this.#reportedMs.get(module) ?? 0)] as const,
    );
    for (const [module, ms] of cpuMs) this.#reportedMs.set(module, ms);
    const points = news
      .filter(([, ms]) => ms > 0)
      .map(([module, ms]): MetricPoint => {
        const attributes = { 'venturi.module': module };
        const metric = { type: 'sum', name: 'venturi.agent.cpu.time', unit: 's' } as const;
        return { ...metric, startUnixMs, timeUnixMs, value: ms / 1000, attributes };
      });
    const gauge = (name: string, unit: string, value: number): MetricPoint => {
      return { type: 'gauge', name, unit, value, timeUnixMs };
    };
    points.push(gauge('venturi.agent.cpu.share', '1', share));
    points.push(gauge('venturi.agent.shed_steps', '{step}', shedSteps));
    const onLost = (): void => {
      for (const [module, ms] of news) {
        this.#reportedMs.set(module, (this.#reportedMs.get(module) ?? 0) - ms);
      }
    };
    return { points, onLost };
  }
}
