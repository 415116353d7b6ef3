// How a chart's axes and lines look, and how values are stacked.
import type uPlot from 'uplot';
import type { FieldCustom } from '../../src/model/grafana-json.js';
import { formatNumber } from '../../src/model/units.js';
import type { Line } from './chart-line.js';
import { canvasColor, withAlpha } from './colors.js';

/** Ticks of bytes at whole kibi-, mebi- and gibibytes. */
const BYTE_STEPS = Array.from({ length: 50 }, (_, power) => 2 ** power);

const FONT = '11px system-ui, sans-serif';

/** Time below, values at the left with their unit. */
export function axesOf(unit: string | undefined): uPlot.Axis[] {
  const look = {
    stroke: canvasColor('muted-ink'),
    font: FONT,
    ticks: { show: false },
    grid: { stroke: canvasColor('grid'), width: 1 },
  };
  return [
    { ...look, grid: { show: false }, space: 70, size: 24, values: timeLabels },
    {
      ...look,
      space: 36,
      ...(unit === 'bytes' && { incrs: BYTE_STEPS }),
      size: (_, labels) => Math.max(44, ...(labels ?? []).map((label) => label.length * 6.4 + 14)),
      values: (_, ticks) => ticks.map((tick) => formatNumber(tick, unit)),
    },
  ];
}

function timeLabels(_: uPlot, ticks: number[], __: number, ___: number, step: number): string[] {
  const pad = (n: number) => String(n).padStart(2, '0');
  return ticks.map((tick) => {
    const at = new Date(tick * 1000);
    if (step >= 86_400) return `${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
    const minute = `${pad(at.getHours())}:${pad(at.getMinutes())}`;
    return step >= 60 ? minute : `${minute}:${pad(at.getSeconds())}`;
  });
}

interface Look {
  stacked: boolean;
  custom: FieldCustom | undefined;
}

/** uPlot's series, the first of which is time; stacked lines fill the band down to the one below. */
export function seriesOf(
  lines: Line[],
  { stacked, custom }: Look,
): Pick<uPlot.Options, 'series' | 'bands'> {
  const fill = (custom?.fillOpacity ?? 0) / 100;
  const series = lines.map(({ name, color }): uPlot.Series => {
    const stroke = canvasColor(color);
    return {
      label: name,
      stroke,
      width: custom?.lineWidth ?? 2,
      ...(fill > 0 && { fill: withAlpha(stroke, fill) }),
      points: { show: true, size: 5, fill: stroke, filter: isolated },
    };
  });
  const bands = stacked
    ? lines.slice(1).map((_, index): uPlot.Band => ({ series: [index + 2, index + 1] }))
    : [];
  return { series: [{}, ...series], bands };
}

/** Indices of values with nothing on either side, which no line would show. */
function isolated(plot: uPlot, series: number): number[] {
  const values = plot.data[series] ?? [];
  const absent = (at: number) => values[at] === null || values[at] === undefined;
  return Array.from(values.keys()).filter((at) => !absent(at) && absent(at - 1) && absent(at + 1));
}

/** Running totals from the first line up; a line without a value adds nothing. */
export function stack(values: (number | null)[][]): (number | null)[][] {
  const totals: number[] = [];
  return values.map((line) =>
    line.map((value, index) => {
      totals[index] = (totals[index] ?? 0) + (value ?? 0);
      return totals[index] ?? 0;
    }),
  );
}
