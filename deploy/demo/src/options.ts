// The switches of `npm start`, read once, with one clear line for each mistake.
import { parseArgs } from 'node:util';
import { CAUSES, type Cause } from '@venturi/collector/schema';
import { defaultScenario, drawScenario, namedScenario } from './scenario/draw.js';
import type { Scenario } from './scenario/plant.js';

export const USAGE = `Usage: npm start -- [options]

Starts a shop of three services, PostgreSQL, load, and Venturi, which names what is planted in the shop.

  --once            run for a while, print the bottlenecks that were located, and exit
  --duration N      seconds that are looked at with --once, 10 to 600 (45)
  --json FILE       write the verdict as JSON (with --once)
  --plant NAMES     plant these causes, by commas, or none: ${CAUSES.join(', ')}
  --seed N          draw plants, places, magnitudes and load from a number
  --faint           with --seed: draw plants that are too weak for Venturi to promise to name them
  --truth FILE      write what was planted as JSON
  --help            print this

VENTURI_DEMO_DIR names the folder for data and logs (.venturi in the checkout).`;

export interface DemoOptions {
  help: boolean;
  once: boolean;
  durationSeconds: number;
  jsonFile: string | undefined;
  truthFile: string | undefined;
  scenario: Scenario;
}

/** A mistake in the command line; its message is one line that says what to do. */
export class UsageError extends Error {}

const FLAGS = {
  help: { type: 'boolean', default: false },
  once: { type: 'boolean', default: false },
  duration: { type: 'string' },
  json: { type: 'string' },
  truth: { type: 'string' },
  plant: { type: 'string' },
  seed: { type: 'string' },
  faint: { type: 'boolean', default: false },
} as const;

/** Reads the arguments after the script's name; throws `UsageError`. */
export function readOptions(args: string[]): DemoOptions {
  const values = parse(args);
  if (values.json !== undefined && !values.once) {
    throw new UsageError('--json needs --once: without an end there is no verdict to write.');
  }
  if (values.duration !== undefined && !values.once) {
    throw new UsageError('--duration needs --once: without it the demo runs until Ctrl-C.');
  }
  return {
    help: values.help,
    once: values.once,
    durationSeconds: wholeNumber(values.duration ?? '45', {
      flag: '--duration',
      min: 10,
      max: 600,
    }),
    jsonFile: fileName(values.json, '--json'),
    truthFile: fileName(values.truth, '--truth'),
    scenario: chooseScenario(values),
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: FLAGS, allowPositionals: false }).values;
  } catch (error) {
    const reason = (error as Error).message.split('. ')[0]?.split('\n')[0] ?? '';
    throw new UsageError(`${reason.replace(/\.$/, '')}: see "npm start -- --help".`);
  }
}

interface Choice {
  seed?: string;
  plant?: string;
  faint: boolean;
}

function chooseScenario({ seed, plant, faint }: Choice): Scenario {
  if (faint && seed === undefined)
    throw new UsageError('--faint needs --seed: it is for drawn plants.');
  if (seed !== undefined && plant !== undefined) {
    throw new UsageError('--seed draws the plants and --plant names them: give one of the two.');
  }
  if (seed !== undefined) {
    const number = wholeNumber(seed, { flag: '--seed', min: 0, max: 2 ** 31 });
    return drawScenario(number, faint ? 'faint' : 'plain');
  }
  if (plant === undefined) return defaultScenario();
  if (plant === 'none') return namedScenario([]);
  return namedScenario(plant.split(',').map((name) => causeNamed(name.trim())));
}

function causeNamed(name: string): Cause {
  const cause = CAUSES.find((known) => known === name);
  if (cause === undefined) {
    throw new UsageError(`--plant ${name}: not one of none, ${CAUSES.join(', ')}.`);
  }
  return cause;
}

function fileName(value: string | undefined, flag: string): string | undefined {
  if (value === '') throw new UsageError(`${flag} needs the name of a file.`);
  return value;
}

/** Reads a whole number within limits; the error names the flag and the limits. */
export function wholeNumber(
  text: string,
  { flag, min, max }: { flag: string; min: number; max: number },
): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) {
    throw new UsageError(`${flag} ${text}: not a whole number from ${min} to ${max}.`);
  }
  return value;
}
