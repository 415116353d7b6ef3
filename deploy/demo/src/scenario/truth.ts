// The truth of a run, as a file: what was planted, in the words that a verdict uses.
import { writeFile } from 'node:fs/promises';
import type { Cause } from '@venturi/collector/schema';
import type { Plant, Scenario } from './plant.js';

export interface TruthEntry {
  service: string;
  route: string;
  cause: Cause;
  variant: string;
  magnitude: number;
  unit: 'statements' | 'ms' | 'KB';
}

/** What a perfect verdict on this scenario names. */
export function truthOf(scenario: Pick<Scenario, 'plants'>): TruthEntry[] {
  return scenario.plants.map(({ name, service, route, variant, magnitude }) => ({
    service,
    route,
    cause: name,
    variant,
    magnitude,
    unit: unitOf(name),
  }));
}

export async function writeTruth(file: string, scenario: Scenario): Promise<void> {
  await writeFile(file, `${JSON.stringify(truthOf(scenario), null, 2)}\n`);
}

function unitOf(cause: Plant['name']): TruthEntry['unit'] {
  if (cause === 'n_plus_one') return 'statements';
  return cause === 'gc' ? 'KB' : 'ms';
}
