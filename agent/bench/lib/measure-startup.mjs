// How much later a program listens, by what was preloaded: whole processes, in pairs.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { variants } from '../variants.mjs';
import { peersFolder } from './services.mjs';

/** The service as an ES module is a line of its own, since the hooks of Node 20 for it cost more. */
const forms = { commonjs: 'start.cjs', esm: 'start.mjs' };

/** @returns by form one element a round: wall ms from spawn to listening, by variant */
export async function measureStartup(options, { node, nodeMajor }) {
  const results = {};
  for (const [form, file] of Object.entries(forms)) {
    const rounds = [];
    for (let round = 0; round < options.rounds; round++) {
      const times = {};
      for (const name of options.variants) {
        times[name] = await startOnce(name, { node, nodeMajor, file });
      }
      rounds.push(times);
    }
    results[form] = rounds;
    options.progress(`start-up ${form}: done`);
  }
  return results;
}

function startOnce(name, { node, nodeMajor, file }) {
  const folder = peersFolder(nodeMajor);
  const { preload, env } = variants[name];
  const script = fileURLToPath(new URL(`../service/${file}`, import.meta.url));
  const startMs = performance.now();
  const child = spawn(node, [...preload.flatMap((part) => ['--require', part]), script], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PEERS_DIR: folder,
      OTEL_SERVICE_NAME: 'bench',
      // Nobody listens there: what counts is the start.
      ...env('http://127.0.0.1:9'),
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return new Promise((resolve, reject) => {
    let listeningMs;
    child.stdout.on('data', (chunk) => {
      if (listeningMs !== undefined || !String(chunk).includes('listening')) return;
      listeningMs = performance.now() - startMs;
      child.kill('SIGKILL');
    });
    child.on('exit', () =>
      listeningMs === undefined ? reject(new Error(`${name} did not start`)) : resolve(listeningMs),
    );
  });
}
