// `@venturi/agent/sdk`: the agent's pieces for an application that sets up OpenTelemetry's SDK itself.

import type { SdkPieces } from './api/sdk-pieces.js';
import { readConfig } from './config/config.js';
import { mayStart } from './guard.js';

export type { SdkPieces } from './api/sdk-pieces.js';

/**
 * Starts the agent's exporter and runtime metrics in this process, without hooks and tracer of its own.
 * @returns what the SDK is to be given; undefined where the agent stays out: switched off, in a worker thread, under a
 * tool, or when it was started before
 */
export function startBeside(): SdkPieces | undefined {
  if (!mayStart()) return undefined;
  // Loaded only now, so that a process in which the agent stays out pays for the guard alone.
  const { startBesideSdk } = require('./on-sdk.js') as typeof import('./on-sdk.js');
  return startBesideSdk(readConfig(process.env)).pieces;
}
