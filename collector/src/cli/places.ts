// Where the command line finds the other parts, in a checkout as well as when installed.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

/** The checkout, seen from `collector/dist/src/cli`. */
const root = fileURLToPath(new URL('../../../../', import.meta.url));

/** The collector's program. */
export const collectorProgram = fileURLToPath(new URL('../main.js', import.meta.url));

/** The program that ends other processes once its parent is gone. */
export const reaperProgram = fileURLToPath(new URL('./reaper.js', import.meta.url));

/** Loaded into the service that `venturi cost` measures. */
export const costProbe = fileURLToPath(new URL('./cost-probe.js', import.meta.url));

/** The file that a service loads before everything else; undefined where the agent is not built or installed. */
export function agentRegisterFile(): string | undefined {
  try {
    const file = require.resolve('@venturi/agent/register');
    return existsSync(file) ? file : undefined;
  } catch {
    return undefined;
  }
}

/** The generated dashboards of the checkout; undefined where there are none. */
export function dashboardsFolder(): string | undefined {
  const folder = join(root, 'dashboards', 'generated');
  return existsSync(folder) ? folder : undefined;
}

/** Version of the collector, from its package.json. */
export function collectorVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
  );
  const { version } = manifest as { version?: unknown };
  return String(version);
}
