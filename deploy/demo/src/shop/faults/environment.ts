// What a service's process must be started with for its plants: a small pool, a small heap.
import type { Plant, ServiceName } from '../../scenario/plant.js';
import { HELD_POOL_SIZE, LEAKING_HEAP_MB, LEAKING_SEMI_SPACE_MB } from '../../scenario/sites.js';

const LEAKING_HEAP_ARGUMENTS = [
  `--max-old-space-size=${LEAKING_HEAP_MB}`,
  `--max-semi-space-size=${LEAKING_SEMI_SPACE_MB}`,
];

export function environmentFor(service: ServiceName, plants: readonly Plant[]): NodeJS.ProcessEnv {
  return has('held', { service, plants }) ? { DEMO_POOL_SIZE: String(HELD_POOL_SIZE) } : {};
}

export function nodeArgumentsFor(service: ServiceName, plants: readonly Plant[]): string[] {
  return has('retained', { service, plants }) ? LEAKING_HEAP_ARGUMENTS : [];
}

function has(
  variant: Plant['variant'],
  { service, plants }: { service: ServiceName; plants: readonly Plant[] },
): boolean {
  return plants.some((plant) => plant.service === service && plant.variant === variant);
}
