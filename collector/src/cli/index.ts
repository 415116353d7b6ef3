// The collector's subcommands of `venturi`; bin/venturi.mjs asks each package for its own.
import { collect } from './collect.js';
import { cost } from './cost.js';
import { doctor } from './doctor.js';
import { report } from './report.js';
import { run } from './run.js';
import type { Subcommand } from './subcommand.js';

export const subcommands: readonly Subcommand[] = [run, collect, report, cost, doctor];
