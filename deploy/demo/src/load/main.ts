// The load generator as a process of its own, so that its work is not charged to any service.
import { stopWithParent } from '../shop/lifecycle.js';
import { startLoad } from './generator.js';
import type { RouteLatency } from './latency.js';
import type { LoadPlan } from './mix.js';

/** What the parent asks: forget the warm-up, or tell what was measured. */
export interface LoadCommand {
  type: 'mark' | 'summary';
}

export interface LoadSummaryMessage {
  type: 'summary';
  routes: RouteLatency[];
}

const plan = JSON.parse(process.env.DEMO_LOAD ?? '{}') as LoadPlan;
const urls = JSON.parse(process.env.DEMO_URLS ?? '{}') as Record<string, string>;
const load = startLoad(plan, urls);

process.on('message', (command: LoadCommand) => {
  if (command.type === 'mark') load.mark();
  else {
    const message: LoadSummaryMessage = { type: 'summary', routes: load.summary() };
    process.send?.(message);
  }
});
stopWithParent(async () => load.stop());
process.send?.({ type: 'ready', url: '' });
