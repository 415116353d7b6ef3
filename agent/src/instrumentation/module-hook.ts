// Lets instrumentation change a package's file right after it was evaluated, whoever loaded it and how.

import { readFileSync } from 'node:fs';

import Module = require('node:module');

import { sep } from 'node:path';
import { tell, tellHookFailure } from '../self/log.js';
import { type FilePatch, isWithin, type Library } from './library.js';

/** A patch with the versions that it was written for. */
interface RangedPatch extends FilePatch {
  range: string;
}

interface Package {
  name: string;
  version: string;
}

interface CompiledModule {
  exports: unknown;
}

type Compile = (
  this: CompiledModule,
  code: string,
  filename: string,
  ...rest: unknown[]
) => unknown;

const NODE_MODULES = `${sep}node_modules${sep}`;
const PACKAGES_MAX = 256;

const packages = new Map<string, Package | undefined>();

/**
 * Wraps `Module.prototype._compile`, through which every CommonJS file passes, also one that an ES module imports.
 * After it `module.exports` is final and nobody has seen it yet.
 */
export function hookModules(
  libraries: readonly Library[],
  others: readonly FilePatch[] = [],
): void {
  const patches = [
    ...libraries.flatMap(patchesOf),
    ...others.map((patch) => ({ ...patch, range: '*' })),
  ];
  const byFile = new Map<string, RangedPatch[]>();
  for (const patch of patches) {
    byFile.set(patch.file, [...(byFile.get(patch.file) ?? []), patch]);
  }
  const prototype = Module.prototype as unknown as { _compile: Compile };
  const original = prototype._compile;
  prototype._compile = function _compile(code, filename, ...rest) {
    const result = Reflect.apply(original, this, [code, filename, ...rest]);
    const place = placeInPackage(filename);
    const candidates = place === undefined ? undefined : byFile.get(place.file);
    if (place !== undefined && candidates !== undefined) apply(this, place.root, candidates);
    return result;
  };
  patchLoaded(byFile);
  warnOfLoaded(patches.filter(({ isForLoaded }) => isForLoaded !== true));
}

function patchesOf({ name, versions, patches }: Library): RangedPatch[] {
  // What a library brings along, as Express its router, has versions of its own.
  return patches.map((patch) => ({ ...patch, range: patch.packageName === name ? versions : '*' }));
}

function apply(module: CompiledModule, root: string, candidates: readonly RangedPatch[]): void {
  const found = packageAt(root);
  if (found === undefined) return;
  for (const candidate of candidates) {
    if (candidate.packageName !== found.name) continue;
    if (!isWithin(found.version, candidate.range)) {
      tell('VENTURI_A007', `${found.name}@${found.version} (${candidate.range})`);
      continue;
    }
    try {
      const replaced = candidate.patch(module.exports as never, found.version);
      if (replaced !== undefined) module.exports = replaced;
    } catch (error) {
      tellHookFailure(`${found.name}@${found.version}/${candidate.file}`, error);
    }
  }
}

/** Splits a path at its last node_modules into the package's folder and the file inside it. */
function placeInPackage(filename: string): { root: string; file: string } | undefined {
  const at = filename.lastIndexOf(NODE_MODULES);
  if (at === -1) return undefined;
  const nameStart = at + NODE_MODULES.length;
  let nameEnd = filename.indexOf(sep, nameStart);
  if (filename[nameStart] === '@') nameEnd = filename.indexOf(sep, nameEnd + 1);
  if (nameEnd === -1) return undefined;
  const file = filename.slice(nameEnd + 1);
  return { root: filename.slice(0, nameEnd), file: sep === '/' ? file : file.replaceAll(sep, '/') };
}

function packageAt(root: string): Package | undefined {
  if (packages.has(root)) return packages.get(root);
  if (packages.size >= PACKAGES_MAX) packages.clear();
  const found = readPackage(root);
  packages.set(root, found);
  return found;
}

function readPackage(root: string): Package | undefined {
  try {
    const parsed = JSON.parse(readFileSync(`${root}${sep}package.json`, 'utf8')) as {
      name?: unknown;
      version?: unknown;
    };
    if (typeof parsed.name !== 'string') return undefined;
    return { name: parsed.name, version: typeof parsed.version === 'string' ? parsed.version : '' };
  } catch {
    return undefined;
  }
}

/** Makes those changes that work late to what was loaded before the hook. */
function patchLoaded(byFile: ReadonlyMap<string, readonly RangedPatch[]>): void {
  for (const [filename, module] of Object.entries(require.cache)) {
    const place = placeInPackage(filename);
    const late = place && byFile.get(place.file)?.filter(({ isForLoaded }) => isForLoaded === true);
    if (place !== undefined && late !== undefined && late.length > 0 && module !== undefined) {
      apply(module, place.root, late);
    }
  }
}

/** Names the packages that were evaluated before the hook, because their spans will be missing. */
function warnOfLoaded(patches: readonly FilePatch[]): void {
  const late = new Set<string>();
  for (const filename of Object.keys(require.cache)) {
    const place = placeInPackage(filename);
    if (place === undefined) continue;
    const patch = patches.find(({ file }) => file === place.file);
    if (patch !== undefined && packageAt(place.root)?.name === patch.packageName) {
      late.add(patch.packageName);
    }
  }
  if (late.size > 0) tell('VENTURI_A002', [...late].join(', '));
}
