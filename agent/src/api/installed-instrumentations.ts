// Finds and makes the instrumentations of OpenTelemetry's that are installed where the application is.

import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tellHookFailure } from '../self/log.js';
import { loadForApplication, startingPoints } from './application-module.js';

/** What the SDK calls an instrumentation, as far as it is read here. */
export interface Instrumentation {
  instrumentationName: string;
}

const AUTO = '@opentelemetry/auto-instrumentations-node';
const SCOPE = '@opentelemetry';
/** What the names of its packages begin with. */
export const CONTRIB_PREFIX = '@opentelemetry/instrumentation-';
/** Instrumentations of other makers, and what they must be told. */
const OTHERS = {
  '@fastify/otel': { registerOnInitialization: true },
  '@prisma/instrumentation': {},
};
interface AutoInstrumentations {
  getNodeAutoInstrumentations?(config: object): Instrumentation[];
}

/**
 * All of them: the collection where that is installed, else one by one.
 * @param leftOut packages that are not wanted
 */
export function installedInstrumentations(leftOut: ReadonlySet<string>): Instrumentation[] {
  const auto = loadForApplication(AUTO, undefined) as AutoInstrumentations | undefined;
  const off = Object.fromEntries([...leftOut].map((name) => [name, { enabled: false }]));
  const all = auto?.getNodeAutoInstrumentations?.(off);
  const others = Object.entries(OTHERS).filter(([name]) => isEnabled(name));
  return [
    ...(all ?? contrib(leftOut).flatMap((name) => make(name, {}))),
    ...others.flatMap(([name, config]) => make(name, config)),
  ];
}

function contrib(leftOut: ReadonlySet<string>): string[] {
  const names = startingPoints().flatMap((file) => packagesAbove(dirname(file)));
  return [...new Set(names)].filter((name) => !leftOut.has(name) && isEnabled(name)).sort();
}

/** Packages of OpenTelemetry's that code in `folder` could load. */
function packagesAbove(folder: string): string[] {
  const names: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    try {
      for (const name of readdirSync(join(at, 'node_modules', SCOPE))) {
        const full = `${SCOPE}/${name}`;
        if (full.startsWith(CONTRIB_PREFIX)) names.push(full);
      }
    } catch {
      // No packages here.
    }
    if (dirname(at) === at) return names;
  }
}

/** By the two lists of OpenTelemetry's that switch instrumentations on and off by name. */
function isEnabled(packageName: string): boolean {
  const name = packageName.replace(/^.*instrumentation-|^@|\/.*$/g, '');
  const { OTEL_NODE_ENABLED_INSTRUMENTATIONS: on, OTEL_NODE_DISABLED_INSTRUMENTATIONS: off } =
    process.env;
  return (on === undefined || list(on).includes(name)) && !list(off ?? '').includes(name);
}

function list(text: string): string[] {
  return text.split(',').map((name) => name.trim());
}

/** Whatever the package exports as an instrumentation. */
function make(packageName: string, config: object): Instrumentation[] {
  const exports = loadForApplication(packageName, undefined);
  // Some are the class itself, with the class once more under its name.
  const named = Object.entries(exports ?? {}).filter(
    ([name, value]) => typeof value === 'function' && /Instrumentation$/.test(name),
  );
  return [...new Set(named.map(([, Made]) => Made as NewableFunction))].flatMap((Made) => {
    try {
      return [Reflect.construct(Made, [config]) as Instrumentation];
    } catch (error) {
      tellHookFailure(packageName, error);
      return [];
    }
  });
}
