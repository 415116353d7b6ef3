// Planted slow_downstream by one of our own services: it answers late and nothing in it shows why.
import { setTimeout as delay } from 'node:timers/promises';

export function lateAnswer(delayMs: number): () => Promise<void> {
  return async function waitForTurn() {
    await delay(delayMs);
  };
}
