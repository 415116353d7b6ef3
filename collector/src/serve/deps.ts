// What the read side needs of the rest of the collector; the composition root brings it.
import type { Clock } from '../self/clock.js';
import type { Counters } from '../self/counters.js';
import type { Log } from '../self/log.js';
import type { Watch } from '../self/watch.js';

/** Rows of a query with the column names, the text that ran and how long it took. */
interface Answer {
  columns: { name: string; type: string }[];
  rows: unknown[][];
  sql: string;
  elapsedMs: number;
}

interface Ask {
  dashboard: string;
  fromMs: number;
  toMs: number;
  intervalMs: number;
  variables: Record<string, string>;
}

/** What the routes need. `panels` is made by `createPanels` of `query/panels`. */
export interface ServeDeps {
  panels: {
    list(): { uid: string; title: string; description: string }[];
    dashboard(uid: string): Record<string, unknown>;
    query(request: Ask & { panelId: number; refId: string }): Promise<Answer>;
    variable(
      request: Ask & { name: string },
    ): Promise<{ options: { text: string; value: string }[]; sql: string }>;
  };
  config: {
    /** Address that the collector listens on. */
    host: string;
    /** Folder of generated dashboards; empty for the one that comes with Venturi. */
    dashboardsDir: string;
  };
  log: Log;
  clock: Clock;
  watch: Watch;
  counters: Counters;
  /** Resolves once everything acknowledged before the call is in ClickHouse. */
  flush(): Promise<void>;
  /** The verdict over a window in milliseconds since the epoch, with the queries it ran. */
  locate(from: number, to: number): Promise<unknown>;
}
