// What each plant took of the requests that it acted in, by the clock of the process that it acts in.
import { LatencyRecorder } from '../../load/latency.js';
import type { Plant } from '../../scenario/plant.js';

/** What the parent asks of a process of the shop: forget the warm-up, or tell what was measured. */
interface PlantCostsCommand {
  type: 'mark' | 'plant costs';
}

export interface PlantCost extends Pick<Plant, 'service' | 'route' | 'name'> {
  requests: number;
  /** 95th percentile of what the plant added to a request. */
  p95Ms: number;
}

export interface PlantCostsMessage {
  type: 'plant costs';
  costs: PlantCost[];
}

/** Returns a function that takes the cost of one request in milliseconds. */
export type CostBook = (plant: Plant) => (costMs: number) => void;

/** Keeps costs and answers the parent's commands about them, once per process. */
export function keepPlantCosts(): CostBook {
  const booked: { plant: Plant; recorder: LatencyRecorder }[] = [];
  process.on('message', ({ type }: PlantCostsCommand) => {
    if (type === 'mark') for (const { recorder } of booked) recorder.reset();
    if (type !== 'plant costs') return;
    const message: PlantCostsMessage = { type, costs: booked.map(summaryOf) };
    process.send?.(message);
  });
  return (plant) => {
    const recorder = new LatencyRecorder();
    booked.push({ plant, recorder });
    return (costMs) => recorder.record(costMs, 200);
  };
}

function summaryOf({ plant, recorder }: { plant: Plant; recorder: LatencyRecorder }): PlantCost {
  const { service, route, name } = plant;
  const { requests, p95Ms } = recorder.summary(service, route);
  return { service, route, name, requests, p95Ms };
}
