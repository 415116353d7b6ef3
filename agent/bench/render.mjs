// `node agent/bench/render.mjs FILE…`: renews docs/benchmarks.md from what several runs wrote with `--json`, so that not
// everything has to be measured in one night. Of what two runs measured the later file counts.
import { readFileSync } from 'node:fs';
import { renderDocs } from './report.mjs';

const nodes = {};
for (const file of process.argv.slice(2)) {
  const { nodes: measured, ...run } = JSON.parse(readFileSync(file, 'utf8'));
  for (const [version, figures] of Object.entries(measured)) {
    const before = nodes[version] ?? { runs: [], workloads: {} };
    const workloads = { ...before.workloads };
    for (const [workload, of] of Object.entries(figures.workloads)) {
      workloads[workload] = { ...workloads[workload], ...of };
    }
    nodes[version] = { ...before, ...figures, workloads, runs: [...before.runs, run] };
  }
}
renderDocs({ nodes });
