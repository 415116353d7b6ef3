// Starts the collector, which brings the embedded ClickHouse and the viewer along.
import { join } from 'node:path';
import { type Child, startChild } from './child.js';
import { DASHBOARDS, VENTURI_COMMAND } from './paths.js';

/** Resolves once it answers; rejects with its own one line where it could not start. */
export function startCollector(stateFolder: string): Promise<Child> {
  return startChild({
    name: 'collector',
    file: VENTURI_COMMAND,
    args: ['collect'],
    env: {
      VENTURI_EXIT_WITH_PARENT: '1',
      VENTURI_PORT_SEARCH: '1',
      VENTURI_DATA_DIR: join(stateFolder, 'data'),
      VENTURI_DASHBOARDS_DIR: DASHBOARDS,
    },
    logFile: join(stateFolder, 'collector.log'),
  });
}
