// Time ranges as Grafana writes them into addresses, and the step between two points.

/** Ends as in an address: `now`, `now-15m`, or milliseconds since the epoch. */
export interface TimeRange {
  from: string;
  to: string;
}

const UNIT_MS: Record<string, number> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Milliseconds since the epoch of one end; undefined for what is none. */
export function resolveTime(text: string, nowMs: number): number | undefined {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const relative = /^now(?:-(\d{1,6})([smhdw]))?$/.exec(text);
  if (relative === null) return undefined;
  const [, count = '0', unit = 's'] = relative;
  return nowMs - Number(count) * (UNIT_MS[unit] ?? 0);
}

/** Both ends in milliseconds; undefined where the range is empty or cannot be read. */
export function resolveRange(
  range: TimeRange,
  nowMs: number,
): { fromMs: number; toMs: number } | undefined {
  const fromMs = resolveTime(range.from, nowMs);
  const toMs = resolveTime(range.to, nowMs);
  return fromMs === undefined || toMs === undefined || fromMs >= toMs
    ? undefined
    : { fromMs, toMs };
}

/** Steps that Grafana rounds to, each with the length up to which it is taken, in milliseconds. */
const STEPS: [below: number, step: number][] = [
  [10, 1],
  [15, 10],
  [35, 20],
  [75, 50],
  [150, 100],
  [350, 200],
  [750, 500],
  [1500, 1000],
  [3500, 2000],
  [7500, 5000],
  [12_500, 10_000],
  [17_500, 15_000],
  [25_000, 20_000],
  [45_000, 30_000],
  [90_000, 60_000],
  [210_000, 120_000],
  [450_000, 300_000],
  [750_000, 600_000],
  [1_050_000, 900_000],
  [1_500_000, 1_200_000],
  [2_700_000, 1_800_000],
  [5_400_000, 3_600_000],
  [9_000_000, 7_200_000],
  [16_200_000, 10_800_000],
  [32_400_000, 21_600_000],
  [64_800_000, 43_200_000],
];
const longestStepMs = 86_400_000;

/** The step for a range that is drawn with at most `points` points, never below `floor` (such as `10s`). */
export function stepMs(rangeMs: number, points: number, floor = '1s'): number {
  const wanted = rangeMs / Math.max(1, points);
  const step = STEPS.find(([below]) => wanted < below)?.[1] ?? longestStepMs;
  const [, count = '1', unit = 's'] = /^(\d+)([smhd])$/.exec(floor) ?? [];
  return Math.max(step, Number(count) * (UNIT_MS[unit] ?? 1000));
}
