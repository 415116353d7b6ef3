// A window of requests on a real engine, and what the locator finds in it.
import { after, before, beforeEach } from 'node:test';
import { locate } from '../../../src/query/locate/index.js';
import { TestEngine } from './engine.js';
import type { TestRequest } from './traces.js';

const REQUESTS = 40;

/** A window for the tests of the suite that calls it: empty before each of them. */
export function useWindow() {
  let window: TestWindow;
  before(() => {
    window = new TestWindow();
  });
  beforeEach(() => window.clear());
  after(() => window.close());
  return {
    at: (i: number) => window.at(i),
    write: (make: (i: number) => TestRequest[]) => window.write(make),
    collected: (...args: Parameters<TestWindow['collected']>) => window.collected(...args),
    locate: () => window.locate(),
    found: () => window.found(),
  };
}

class TestWindow {
  readonly #engine = new TestEngine();
  readonly #startMs = Date.now() - 60_000;

  async clear(): Promise<void> {
    await this.#engine.command('TRUNCATE TABLE venturi.spans');
    await this.#engine.command('TRUNCATE TABLE venturi.metric_histograms');
  }

  close(): void {
    this.#engine.close();
  }

  /** When the request number `i` begins. */
  at(i: number): number {
    return this.#startMs + i * 200;
  }

  /** Writes what `make` returns for each of forty requests. */
  write(make: (i: number) => TestRequest[]): void {
    const requests = Array.from({ length: REQUESTS }, (_, i) => make(i)).flat();
    this.#engine.write(requests.flatMap((request) => request.rows));
  }

  /** What a process of the service reports of its garbage collector, in the middle of the window. */
  collected(service: string, seconds: { major: number; minor: number }): void {
    const ts = new Date(this.at(REQUESTS / 2)).toISOString().replace('T', ' ').replace('Z', '');
    const common = { tenant: 'default', service, metric: 'v8js.gc.duration', resource_id: 1, ts };
    const rows = Object.entries(seconds).map(([type, sum]) => ({
      ...common,
      temporality: 'delta',
      attrs: { 'v8js.gc.type': type },
      count: 10,
      sum,
    }));
    this.#engine.write(rows, 'venturi.metric_histograms');
  }

  async locate() {
    const window = { fromMs: this.#startMs - 1000, toMs: this.#startMs + 60_000 };
    return (await locate(this.#engine, window)).bottlenecks;
  }

  /** `service route cause`, the dearest first. */
  async found(): Promise<string[]> {
    return (await this.locate()).map((b) => `${b.service} ${b.route} ${b.cause}`);
  }
}
