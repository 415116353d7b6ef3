// What the doctor looks at on this machine: Node.js, the agent, NODE_OPTIONS and the embedded engine.

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute, join } from 'node:path';
import { OPTIONS } from '../config/options.js';
import { platformSupport } from '../engine/platform.js';
import type { Finding } from './finding.js';
import { preloadedFiles } from './node-options.js';
import { agentRegisterFile } from './places.js';

type Env = Readonly<Record<string, string | undefined>>;

export function* checkMachine(env: Env): Generator<Finding> {
  yield checkNode(process.versions.node);
  yield checkAgent();
  yield* checkSwitches(env);
  yield* checkNodeOptions(env.NODE_OPTIONS ?? '');
  yield checkEngine(env[OPTIONS.clickhouseUrl.env] ?? '');
}

function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  const text = `Node.js ${version}`;
  return ok
    ? { ok, text }
    : { ok, text, advice: 'The agent stays out below 20.19: update Node.js.' };
}

function checkAgent(): Finding {
  const file = agentRegisterFile();
  if (file !== undefined) return { ok: true, text: `the agent is at ${file}` };
  return {
    ok: false,
    text: 'the agent cannot be found',
    advice: 'Run npm run build in the folder of Venturi, or npm install @venturi/agent.',
  };
}

/** Variables that keep the agent out of every process. */
function* checkSwitches(env: Env): Generator<Finding> {
  const off: Array<[name: string, isOff: boolean]> = [
    ['VENTURI_ENABLED', /^(false|0|no|off)$/i.test(env.VENTURI_ENABLED?.trim() ?? '')],
    ['OTEL_SDK_DISABLED', /^true$/i.test(env.OTEL_SDK_DISABLED?.trim() ?? '')],
  ];
  for (const [name, isOff] of off) {
    if (!isOff) continue;
    const text = `${name} is ${env[name]}, which switches the agent off`;
    yield { ok: false, text, advice: `Unset ${name} where the service is started.` };
  }
}

function* checkNodeOptions(nodeOptions: string): Generator<Finding> {
  if (nodeOptions.trim() === '') return;
  yield { ok: true, text: `NODE_OPTIONS is ${nodeOptions}` };
  for (const file of preloadedFiles(nodeOptions)) {
    if (isLoadable(file)) continue;
    yield {
      ok: false,
      text: `NODE_OPTIONS loads ${file}, which is not there`,
      advice: 'No Node.js process starts like this: correct the path or unset NODE_OPTIONS.',
    };
  }
}

function isLoadable(file: string): boolean {
  const path = file.startsWith('file:') ? new URL(file).pathname : file;
  if (isAbsolute(path)) return existsSync(path);
  try {
    createRequire(join(process.cwd(), 'noop.js')).resolve(path);
    return true;
  } catch {
    return false;
  }
}

function checkEngine(clickhouseUrl: string): Finding {
  if (clickhouseUrl !== '') {
    const { host } = new URL(clickhouseUrl);
    return { ok: true, text: `ClickHouse is the server at ${host}` };
  }
  const { supported, reason } = platformSupport();
  const platform = `${process.platform}-${process.arch}`;
  if (supported) return { ok: true, text: `the embedded ClickHouse runs on ${platform}` };
  return {
    ok: false,
    text: `the embedded ClickHouse cannot run here: ${reason}`,
    advice: 'Set VENTURI_CLICKHOUSE_URL to a ClickHouse server.',
  };
}
