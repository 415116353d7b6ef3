// Finds out who this process is: the resource attributes that go with everything it sends.

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join, parse } from 'node:path';
import type { AttributeValue } from '../otlp/attribute.js';
import { RESOURCE_ATTR } from '../otlp/names.js';
import type { Resource } from '../otlp/request.js';
import { type Config, parsePairs } from './config.js';
import { thread } from './thread.js';
import { AGENT_VERSION } from './version.js';

const FOLDERS_MAX = 32;

interface PackageJson {
  name?: unknown;
  version?: unknown;
}

/**
 * Builds the resource of this process. What the environment says wins over what is found.
 * @param mainScript the path of the program's main script, or '' where there is none (REPL, `--eval`)
 * @param workingFolder where the program was started
 */
export function detectResource(
  config: Config,
  mainScript: string,
  workingFolder = process.cwd(),
): Resource {
  const given = parsePairs(config.resourceAttributes);
  const found = packageOfService(mainScript, workingFolder);
  const attributes: Record<string, AttributeValue> = {
    [RESOURCE_ATTR.serviceName]: serviceName(found, mainScript),
    ...(typeof found?.version === 'string'
      ? { [RESOURCE_ATTR.serviceVersion]: found.version }
      : {}),
    [RESOURCE_ATTR.serviceInstanceId]: randomUUID(),
    [RESOURCE_ATTR.hostName]: hostname(),
    ...given,
    ...(config.serviceName === '' ? {} : { [RESOURCE_ATTR.serviceName]: config.serviceName }),
    [RESOURCE_ATTR.processPid]: process.pid,
    ...(thread === undefined ? {} : { [RESOURCE_ATTR.threadId]: thread.id }),
    [RESOURCE_ATTR.runtimeName]: 'nodejs',
    [RESOURCE_ATTR.runtimeVersion]: process.versions.node,
    [RESOURCE_ATTR.sdkName]: 'venturi',
    [RESOURCE_ATTR.sdkLanguage]: 'nodejs',
    [RESOURCE_ATTR.sdkVersion]: AGENT_VERSION,
  };
  const environment = given['deployment.environment'] ?? process.env.NODE_ENV;
  if (environment !== undefined && environment !== '') {
    attributes[RESOURCE_ATTR.deploymentEnvironment] ??= environment;
  }
  return { attributes, agentVersion: AGENT_VERSION };
}

function serviceName(found: PackageJson | undefined, mainScript: string): string {
  if (typeof found?.name === 'string' && found.name !== '') return found.name;
  const base = parse(basename(mainScript)).name;
  return base === '' ? 'unknown_service:node' : base;
}

/** A framework's own command, as `next start` is one, runs the application that it was started in. */
function packageOfService(mainScript: string, workingFolder: string): PackageJson | undefined {
  const isInstalled = /[\\/]node_modules[\\/]/.test(mainScript);
  const around = isInstalled ? nearestPackage(join(workingFolder, 'main')) : undefined;
  return around ?? nearestPackage(mainScript);
}

/** The package.json nearest to the main script, upwards. */
function nearestPackage(mainScript: string): PackageJson | undefined {
  if (mainScript === '') return undefined;
  let folder = dirname(mainScript);
  for (let i = 0; i < FOLDERS_MAX; i++) {
    const parsed = readPackage(join(folder, 'package.json'));
    // A package.json that only says "type" marks a folder, not a package.
    if (typeof parsed?.name === 'string') return parsed;
    const parent = dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
  return undefined;
}

function readPackage(path: string): PackageJson | undefined {
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}
