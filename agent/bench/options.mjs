// The bench's options.
import { parseArgs } from 'node:util';
import { variants } from './variants.mjs';

const measurements = ['cpu', 'latency', 'memory', 'startup', 'modules'];
const workloads = ['hello', 'db', 'mixed'];

export const help = `usage: npm run bench -- agent [options]

  --nodes 20,22,24        Node versions, each brought by npm                        (20,22,24)
  --workloads hello,db    what the service does                                     (hello,db,mixed)
  --variants bare,venturi what is compared; bare is always among them               (all)
  --rounds 12             interleaved rounds, each with every variant started anew  (12)
  --requests 2000         requests a slice; three slices a round                    (2000)
  --only cpu,latency      ${measurements.join(', ')}, and for the slope of memory: accepted, refused (all but these two)
  --minutes 30            how long the sink refuses everything in refused           (30)
  --json FILE             writes all figures
  --docs                  renews the section in docs/benchmarks.md
`;

/** Reads the command line; ends the process where it cannot be read. */
export function readOptions(argv) {
  try {
    const { values } = parseArgs({
      args: argv,
      options: {
        nodes: { type: 'string', default: '20,22,24' },
        workloads: { type: 'string', default: workloads.join(',') },
        variants: { type: 'string', default: Object.keys(variants).join(',') },
        rounds: { type: 'string', default: '12' },
        requests: { type: 'string', default: '2000' },
        only: { type: 'string', default: measurements.join(',') },
        minutes: { type: 'string', default: '30' },
        json: { type: 'string' },
        docs: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) end(0, help);
    return {
      nodes: values.nodes.split(','),
      workloads: among(values.workloads.split(','), workloads),
      variants: among([...new Set(['bare', ...values.variants.split(',')])], Object.keys(variants)),
      rounds: Number(values.rounds),
      requests: Number(values.requests),
      only: among(values.only.split(','), [...measurements, 'accepted', 'refused']),
      minutes: Number(values.minutes),
      json: values.json,
      docs: values.docs,
      progress: (line) => process.stderr.write(`${line}\n`),
    };
  } catch (error) {
    return end(2, `${error.message}\n\n${help}`);
  }
}

function among(names, known) {
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`unknown: ${unknown.join(', ')}`);
  return names;
}

function end(code, text) {
  (code === 0 ? process.stdout : process.stderr).write(text);
  process.exit(code);
}
