// What `node --require @venturi/agent/register` (or --import) loads: asks the guard, then starts the agent.

import { mayStart } from './guard.js';

try {
  if (mayStart()) {
    // Loaded only now, so that a process in which the agent stays out pays for the guard alone.
    const { start } = require('./start.js') as typeof import('./start.js');
    start();
  }
} catch (error) {
  process.stderr.write(`venturi: the agent could not start and is off: ${String(error)}\n`);
}
