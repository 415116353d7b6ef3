// Latencies of one route as its callers saw them: the measure that owes nothing to Venturi.

/** Samples kept per route; beyond it the oldest are overwritten. */
const SAMPLES_MAX = 20_000;

export interface RouteLatency {
  service: string;
  route: string;
  requests: number;
  /** Requests that failed on the network, or were not sent because too many were open. */
  failed: number;
  /** Answers with a status of 500 and above. */
  serverErrors: number;
  p50Ms: number;
  p95Ms: number;
  meanMs: number;
}

export class LatencyRecorder {
  #samplesMs: number[] = [];
  #requests = 0;
  #failed = 0;
  #serverErrors = 0;

  record(latencyMs: number, status: number): void {
    this.#samplesMs[this.#requests % SAMPLES_MAX] = latencyMs;
    this.#requests += 1;
    if (status >= 500) this.#serverErrors += 1;
  }

  recordFailure(): void {
    this.#failed += 1;
  }

  reset(): void {
    this.#samplesMs = [];
    this.#requests = 0;
    this.#failed = 0;
    this.#serverErrors = 0;
  }

  summary(service: string, route: string): RouteLatency {
    const sorted = [...this.#samplesMs].sort((left, right) => left - right);
    return {
      service,
      route,
      requests: this.#requests,
      failed: this.#failed,
      serverErrors: this.#serverErrors,
      p50Ms: quantile(sorted, 0.5),
      p95Ms: quantile(sorted, 0.95),
      meanMs: sorted.reduce((sum, value) => sum + value, 0) / Math.max(1, sorted.length),
    };
  }
}

/** The value below which the given part of the sorted values lies; 0 for none. */
function quantile(sorted: readonly number[], part: number): number {
  const index = Math.min(sorted.length - 1, Math.floor(sorted.length * part));
  return sorted[index] ?? 0;
}
