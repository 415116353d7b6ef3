// Writes the outcome of an evaluation as a section of the benchmarks page.
import { CAUSES } from '@venturi/collector/schema';
import { CAUSE_SITES } from '../scenario/sites.js';
import { type Share, shareOf } from './intervals.js';
import type { ScoredPlant, ScoredRun } from './score.js';

const SECTION_BEGIN = '<!-- evaluation:begin -->';
const SECTION_END = '<!-- evaluation:end -->';

/** Plants that take less of their route's p95 than this are below what the locator promises. */
const COST_SHARE_MIN = 0.2;
const COST_BINS = [0, 0.1, 0.2, 0.5, 1] as const;
/** Parts of the ranges of magnitudes, each as wide as the next by ratio: two of faint plants, three of the others. */
const FAINT_PARTS = ['fainter', 'faint'] as const;
const PLAIN_PARTS = ['weak', 'medium', 'strong'] as const;

export interface Outcome {
  runs: ScoredRun[];
  /** Runs with plants below the range, and their seeds; empty where there were none. */
  faint: ScoredRun[];
  faintSeeds: string;
  /** Seconds that were looked at in each run. */
  durationSeconds: number;
  seeds: string;
}

/** Recall and precision over all plants and claims. */
export function summarize(runs: readonly ScoredRun[]) {
  const plants = runs.flatMap((run) => run.plants);
  const strong = plants.filter(({ costShare }) => costShare >= COST_SHARE_MIN);
  const found = foundIn(plants);
  const falseClaims = runs.flatMap((run) => run.falseClaims).length;
  const clean = runs.filter((run) => run.plants.length === 0);
  return {
    recall: shareOf(found, plants.length),
    recallOfStrong: shareOf(foundIn(strong), strong.length),
    precision: shareOf(found, found + falseClaims),
    silentWhenClean: shareOf(
      clean.filter(({ falseClaims: claims }) => claims.length === 0).length,
      clean.length,
    ),
  };
}

/** The section, markers included. */
export function renderSection(outcome: Outcome): string {
  const { runs, faint, durationSeconds, seeds } = outcome;
  const all = [...runs, ...faint];
  const { recallOfStrong, precision, silentWhenClean } = summarize(all);
  const plants = all.flatMap((run) => run.plants);
  return [
    SECTION_BEGIN,
    '## What the locator finds in the demo shop',
    '',
    `Seeds ${seeds}${faintSeeds(outcome)}: ${all.length} runs of ${durationSeconds} s, ${plants.length} planted bottlenecks.`,
    'A claim is right when service, route and cause are those of a plant. Intervals are Wilson, 95 %.',
    "What a plant takes is timed in the shop where it acts, and set against its route's p95 as the load saw it. What an",
    'empty pool or a full heap takes is what the p95 has grown by since a run without plants, less the holding itself.',
    '',
    '| measure | |',
    '|---|---|',
    `| plants that take at least ${percent(COST_SHARE_MIN)} of their route's p95 and are named | ${cell(recallOfStrong)} |`,
    `| claims that are right | ${cell(precision)} |`,
    `| runs without a plant in which nothing is claimed | ${cell(silentWhenClean)} |`,
    `| all plants as \`--seed\` draws them | ${cell(summarize(runs).recall)} |`,
    ...faintRow(outcome),
    '',
    ...byMagnitude(plants),
    '',
    ...byCost(plants),
    '',
    ...mistakes(all),
    '',
    'Replay one with `npm start -- --once --seed N --truth FILE`; measure again with',
    `\`node deploy/demo/dist/src/evaluate.js --seeds ${seeds}${faintFlag(outcome)} --duration ${durationSeconds}\`.`,
    SECTION_END,
  ].join('\n');
}

/** Puts the section into a page: in place of the old one, or at the end. */
export function insertSection(page: string, section: string): string {
  const begin = page.indexOf(SECTION_BEGIN);
  const end = page.indexOf(SECTION_END);
  if (begin < 0 || end < begin) return `${page.trimEnd()}\n\n${section}\n`;
  return page.slice(0, begin) + section + page.slice(end + SECTION_END.length);
}

function faintFlag({ faint, faintSeeds }: Outcome): string {
  return faint.length === 0 ? '' : ` --faint ${faintSeeds}`;
}

function faintSeeds({ faint, faintSeeds: seeds }: Outcome): string {
  return faint.length === 0 ? '' : `, and ${seeds} with fainter plants (\`--faint\`)`;
}

/** Faint plants show where detection ends, so many of them take too little to be named. */
function faintRow({ faint }: Outcome): string[] {
  if (faint.length === 0) return [];
  return [`| all fainter plants, whatever they take | ${cell(summarize(faint).recall)} |`];
}

function byMagnitude(plants: readonly ScoredPlant[]): string[] {
  const rows = CAUSES.map((cause) => {
    const { faintMin, min, max } = CAUSE_SITES[cause];
    const bounds = [
      ...parts(faintMin, min, FAINT_PARTS.length),
      ...parts(min, max, PLAIN_PARTS.length),
    ];
    const cells = bounds.map(([from, to], index) => {
      const isLast = index === bounds.length - 1;
      const within = plants.filter(
        ({ cause: of, magnitude }) =>
          of === cause && magnitude >= from && (magnitude < to || isLast),
      );
      return `${ratio(within)} (${Math.round(from)} to ${Math.round(to)})`;
    });
    return `| \`${cause}\` | ${cells.join(' | ')} |`;
  });
  return [
    `| named of planted (magnitude) | ${[...FAINT_PARTS, ...PLAIN_PARTS].join(' | ')} |`,
    `|${'---|'.repeat(1 + FAINT_PARTS.length + PLAIN_PARTS.length)}`,
    ...rows,
  ];
}

/** Cuts a range into parts of equal ratio, as `[from, to]`. */
function parts(from: number, to: number, count: number): [number, number][] {
  const bound = (index: number) => from * (to / from) ** (index / count);
  return Array.from({ length: count }, (_, index) => [bound(index), bound(index + 1)]);
}

function byCost(plants: readonly ScoredPlant[]): string[] {
  const rows = COST_BINS.slice(0, -1).map((from, index) => {
    const to = COST_BINS[index + 1] ?? 1;
    const within = plants.filter(
      ({ costShare }) => costShare >= from && (costShare < to || to === 1),
    );
    return `| ${percent(from)} to ${percent(to)} | ${ratio(within)} |`;
  });
  return [
    "| part of the route's p95 that the plant takes | named of planted |",
    '|---|---|',
    ...rows,
  ];
}

function mistakes(runs: readonly ScoredRun[]): string[] {
  const missed = runs
    .flatMap((run) => run.plants)
    .filter(({ found }) => !found)
    .map(
      (plant) =>
        `- seed ${plant.seed}: missed \`${plant.cause}\` (${plant.variant}, ${plant.magnitude}) ` +
        `at ${plant.service} \`${plant.route}\`, ${percent(plant.costShare)} of its p95`,
    );
  const wrong = runs.flatMap(({ seed, falseClaims }) =>
    falseClaims.map(
      (claim) =>
        `- seed ${seed}: wrongly named \`${claim.cause}\` at ${claim.service} \`${claim.route}\`, ` +
        `${claim.costMs.toFixed(1)} ms, confidence ${claim.confidence.toFixed(2)}`,
    ),
  );
  const all = [...missed, ...wrong];
  return all.length === 0 ? ['No plant was missed and nothing was named wrongly.'] : all;
}

function foundIn(plants: readonly ScoredPlant[]): number {
  return plants.filter(({ found }) => found).length;
}

function ratio(plants: readonly ScoredPlant[]): string {
  return plants.length === 0 ? '-' : `${foundIn(plants)} of ${plants.length}`;
}

function cell({ hits, trials, value, low, high }: Share): string {
  return `${percent(value)} (${hits} of ${trials}; ${percent(low)} to ${percent(high)})`;
}

function percent(value: number): string {
  return `${Math.round(value * 100)} %`;
}
