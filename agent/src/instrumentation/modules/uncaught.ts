// Gives an exception that nobody caught to the request that threw it, before the process ends.

import { activeSpan } from '../../context/store.js';

/** Listens to the monitor event, which changes nothing about how Node treats the exception. */
export function watchUncaught(): void {
  process.on('uncaughtExceptionMonitor', (error) => {
    activeSpan()?.entry.recordException(error);
  });
}
