// `npm run bench -- agent`: what the agent costs, beside what its peers cost, in interleaved rounds on one machine.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { nodeBinary } from '../../scripts/node-binary.mjs';
import { checkSpans } from './lib/check-spans.mjs';
import { measureCpu } from './lib/measure-cpu.mjs';
import { measureLatency } from './lib/measure-latency.mjs';
import { measureAccepted, measureMemory, measureRefused } from './lib/measure-memory.mjs';
import { measureModules } from './lib/measure-modules.mjs';
import { measureStartup } from './lib/measure-startup.mjs';
import { startRig } from './lib/rig.mjs';
import { peersFolder } from './lib/services.mjs';
import { readOptions } from './options.mjs';
import { renderDocs, renderReport } from './report.mjs';

const options = readOptions(process.argv.slice(2));
const results = {
  machine: `${cpus().length} × ${cpus()[0].model}, ${Math.round(totalmem() / 2 ** 30)} GB`,
  date: new Date().toISOString().slice(0, 10),
  command: `npm run bench -- agent ${process.argv.slice(2).join(' ')}`.trim(),
  rounds: options.rounds,
  nodes: {},
};
for (const version of options.nodes) results.nodes[version] = await benchOn(version);
process.stdout.write(renderReport(results));
if (options.json) writeFileSync(options.json, JSON.stringify(results));
if (options.docs) renderDocs(results);
process.exit(0);

async function benchOn(version) {
  const node = nodeBinary(version);
  const nodeMajor = Number(version.split('.')[0]);
  installPeers(nodeMajor, node);
  const measured = { version: versionOf(node), peers: peerVersions(nodeMajor), workloads: {} };
  const rig = await startRig({ node, nodeMajor });
  try {
    // What records less would be cheaper for that.
    const checked = { node, folder: peersFolder(nodeMajor), env: rig.env };
    await checkSpans(checked, options.workloads);
    measured.sameSpans = options.workloads;
    for (const workload of options.workloads) {
      const about = { workload, rig };
      const figures = {};
      if (options.only.includes('cpu')) figures.cpu = await measureCpu(options, about);
      if (options.only.includes('latency')) figures.latency = await measureLatency(options, about);
      if (options.only.includes('memory')) figures.memory = await measureMemory(options, about);
      if (options.only.includes('modules')) figures.modules = await measureModules(options, about);
      measured.workloads[workload] = figures;
    }
    if (options.only.includes('startup')) {
      measured.startup = await measureStartup(options, { node, nodeMajor });
    }
    const steady = { workload: options.workloads.at(-1), rig };
    if (options.only.includes('accepted')) {
      measured.accepted = await measureAccepted(options, steady);
    }
    if (options.only.includes('refused')) measured.refused = await measureRefused(options, steady);
  } finally {
    await rig.stop();
  }
  return measured;
}

/** With the Node that they will run in, because npm chooses by it. */
function installPeers(nodeMajor, node) {
  const folder = peersFolder(nodeMajor);
  if (existsSync(join(folder, 'node_modules'))) return;
  options.progress(`installing ${folder}`);
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, PATH: `${join(node, '..')}:${process.env.PATH}` },
  });
  if (status !== 0) process.exit(1);
}

function versionOf(node) {
  return spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
}

function peerVersions(nodeMajor) {
  return JSON.parse(readFileSync(join(peersFolder(nodeMajor), 'package.json'), 'utf8'))
    .dependencies;
}
