// Measures the locator: many seeded runs of the demo, each verdict compared with what was planted.
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runScenario } from './evaluation/run-seed.js';
import { type ScoredRun, type SeedRun, scoreRun } from './evaluation/score.js';
import { insertSection, renderSection, summarize } from './evaluation/section.js';
import { UsageError, wholeNumber } from './options.js';
import { drawScenario, namedScenario } from './scenario/draw.js';
import { startGround } from './stack/demo.js';
import { ROOT, stateFolder } from './stack/paths.js';

const USAGE = `Usage: node deploy/demo/dist/src/evaluate.js [options]

  --seeds A-B       seeds to run, or one seed (1-60)
  --faint A-B       seeds to run besides with plants that are too weak to be promised (none)
  --duration N      seconds that are looked at in each run, 10 to 120 (30)
  --out FILE        write every run with its verdict and latencies as JSON
  --docs FILE       page whose section is rewritten (docs/benchmarks.md); "none" for no page`;

/** A range as it was given, and its numbers. */
interface Seeds {
  text: string;
  numbers: number[];
}

interface EvaluateOptions {
  seeds: Seeds;
  faint: Seeds;
  durationSeconds: number;
  outFile: string | undefined;
  docsFile: string;
}

function readEvaluateOptions(args: string[]): EvaluateOptions | undefined {
  const { values } = parseArgs({
    args,
    options: {
      seeds: { type: 'string', default: '1-60' },
      faint: { type: 'string', default: '' },
      duration: { type: 'string', default: '30' },
      out: { type: 'string' },
      docs: { type: 'string', default: join(ROOT, 'docs', 'benchmarks.md') },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  return {
    seeds: readSeeds(values.seeds, '--seeds'),
    faint: values.faint === '' ? { text: '', numbers: [] } : readSeeds(values.faint, '--faint'),
    durationSeconds: wholeNumber(values.duration, { flag: '--duration', min: 10, max: 120 }),
    outFile: values.out,
    docsFile: values.docs,
  };
}

function readSeeds(text: string, flag: string): Seeds {
  const [first = '', last = first] = text.split('-');
  const limits = { flag, min: 0, max: 1_000_000 };
  const from = wholeNumber(first, limits);
  const to = wholeNumber(last, { ...limits, min: from });
  return { text, numbers: Array.from({ length: to - from + 1 }, (_, index) => from + index) };
}

async function evaluate(options: EvaluateOptions): Promise<void> {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => interrupted.abort());
  }
  const run = { durationMs: options.durationSeconds * 1000, signal: interrupted.signal };
  const ground = await startGround(stateFolder(process.env), (text) => console.log(text));
  const results: SeedRun[] = [];
  const scored: Scored = { runs: [], faint: [] };
  try {
    // The clean shop is the measure of what a plant costs, and a run in which nothing may be named.
    const clean = await runScenario(ground, namedScenario([]), run);
    const keep = async (result: SeedRun, among: ScoredRun[]) => {
      const score = scoreRun(result, clean.latencies);
      results.push(result);
      among.push(score);
      console.log(`${among === scored.faint ? 'faint ' : ''}${lineOf(score)}`);
      if (options.outFile === undefined) return;
      await writeFile(options.outFile, JSON.stringify({ runs: results, scored }));
    };
    await keep(clean, scored.runs);
    for (const seed of options.seeds.numbers) {
      await keep(await runScenario(ground, drawScenario(seed), run), scored.runs);
    }
    for (const seed of options.faint.numbers) {
      await keep(await runScenario(ground, drawScenario(seed, 'faint'), run), scored.faint);
    }
  } finally {
    await ground.stop();
  }
  console.log(JSON.stringify(summarize([...scored.runs, ...scored.faint]), null, 2));
  await writeSection(options, scored);
}

interface Scored {
  runs: ScoredRun[];
  faint: ScoredRun[];
}

/** One line a run: what was planted, whether it was named, and what else was. */
function lineOf({ seed, plants, falseClaims }: ScoredRun): string {
  const planted = plants.map(
    ({ found, cause, variant, magnitude, service, route, costShare }) =>
      `${found ? 'named ' : 'MISSED'} ${cause}/${variant} ${magnitude} ${service} ${route} ` +
      `(${Math.round(costShare * 100)} %)`,
  );
  const wrong = falseClaims.map(
    ({ cause, service, route, costMs }) =>
      `FALSE ${cause} ${service} ${route} ${costMs.toFixed(1)} ms`,
  );
  return `seed ${seed}: ${[...planted, ...wrong].join('; ') || 'nothing planted, nothing named'}`;
}

async function writeSection(options: EvaluateOptions, scored: Scored): Promise<void> {
  if (options.docsFile === 'none') return;
  const { docsFile, durationSeconds, seeds, faint } = options;
  const page = existsSync(docsFile) ? await readFile(docsFile, 'utf8') : '# Benchmarks\n';
  const outcome = { ...scored, durationSeconds, seeds: seeds.text, faintSeeds: faint.text };
  await writeFile(docsFile, insertSection(page, renderSection(outcome)));
}

try {
  const options = readEvaluateOptions(process.argv.slice(2));
  if (options === undefined) console.log(USAGE);
  else await evaluate(options);
  process.exit(0);
} catch (error) {
  console.error((error as Error).message);
  const badFlag = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true;
  process.exit(error instanceof UsageError || badFlag ? 2 : 1);
}
