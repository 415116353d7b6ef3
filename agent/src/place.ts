// Where the agent's own files are. This one lies as deep among the compiled files as `start.js` does in the bundle, so
// that what it says is true of both.

import { join, sep } from 'node:path';

/** The folder of the agent's files that runs: compiled or bundled; with a separator at its end. */
export const AGENT_FOLDER = __dirname + sep;

/** The folder of the package `@venturi/agent`. */
export const PACKAGE_FOLDER = join(__dirname, '..', '..');
