// The agent's own version, as its package.json says.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The package folder, seen from the compiled `dist/src/config`. */
const PACKAGE_JSON = join(__dirname, '..', '..', '..', 'package.json');

/** The version of `@venturi/agent`, or '0.0.0' where it was bundled without its package.json. */
export const AGENT_VERSION: string = readVersion();

function readVersion(): string {
  try {
    const parsed: unknown = JSON.parse(readFileSync(PACKAGE_JSON, 'utf8'));
    const version = (parsed as { version?: unknown } | null)?.version;
    return typeof version === 'string' ? version : '0.0.0';
  } catch {
    return '0.0.0';
  }
}
