// A chart over time, drawn by uPlot: made once for a set of lines, then only given new data.
import uPlot from 'uplot';
import { configOf } from '../../src/model/field-config.js';
import { type Series, toFrame, toSeries } from '../../src/model/frame.js';
import { formatNumber } from '../../src/model/units.js';
import type { Line } from './chart-line.js';
import { axesOf, seriesOf, stack } from './chart-options.js';
import { createTooltip } from './chart-tooltip.js';
import { cssColor, paletteColor } from './colors.js';
import { el } from './element.js';
import type { PanelContent, PanelContext, Shown } from './panel-view.js';

/** More lines than this tell nobody anything; the ones with the highest values are kept. */
const linesMax = 20;

/** Creates a chart. A mark made with the pointer becomes the page's time. */
export function createTimeseries(context: PanelContext): PanelContent {
  const plotBox = el('div', { class: 'plot', attrs: { role: 'img' } });
  const legend = el('ul', { class: 'legend' });
  const element = el('div', { class: 'chart' }, plotBox, legend);
  const theme = matchMedia('(prefers-color-scheme: dark)');
  let plot: uPlot | undefined;
  let shape = '';
  let last: Shown | undefined;

  const resize = new ResizeObserver(() => plot?.setSize(sizeOf(plotBox)));
  resize.observe(plotBox);
  const redraw = () => {
    shape = '';
    if (last) content.draw(last);
  };
  theme.addEventListener('change', redraw);

  const content: PanelContent = {
    element,
    draw(shown) {
      last = shown;
      const data = read(shown);
      const lines = data.series.map((series, index) => lineOf(context, series.name, index));
      const { stacked, values } = arrange(context, data.series);
      const wanted = JSON.stringify(lines);
      if (wanted !== shape || plot === undefined) {
        shape = wanted;
        plot?.destroy();
        plot = create({ context, lines, stacked, box: plotBox });
        drawLegend(legend, lines);
      }
      plot.setData([data.times.map((at) => at / 1000), ...values], false);
      plot.setScale('x', { min: shown.fromMs / 1000, max: shown.toMs / 1000 });
      plotBox.setAttribute('aria-label', describe(context.panel.title, data.series, lines));
      return data.series.length > 0;
    },
    destroy() {
      theme.removeEventListener('change', redraw);
      resize.disconnect();
      plot?.destroy();
    },
  };
  return content;
}

function read({ answers }: Shown): { times: number[]; series: Series[] } {
  const answer = answers[0];
  const data = toSeries(toFrame(answer?.columns ?? [], answer?.rows ?? []));
  if (data.series.length <= linesMax) return data;
  const highest = (series: Series) => Math.max(...series.values.map((value) => value ?? 0));
  const kept = new Set([...data.series].sort((a, b) => highest(b) - highest(a)).slice(0, linesMax));
  return { times: data.times, series: data.series.filter((series) => kept.has(series)) };
}

function lineOf(context: PanelContext, name: string, index: number): Line {
  const config = configOf(context.panel, name);
  const color = config.color?.mode === 'fixed' ? config.color.fixedColor : undefined;
  return { name, color: color ?? paletteColor(index), unit: config.unit };
}

function arrange(context: PanelContext, series: Series[]) {
  const stacked = context.panel.fieldConfig?.defaults.custom?.stacking?.mode === 'normal';
  const values = series.map((one) => one.values);
  return { stacked, values: stacked ? stack(values) : values };
}

interface Creation {
  context: PanelContext;
  lines: Line[];
  stacked: boolean;
  box: HTMLElement;
}

function create({ context, lines, stacked, box }: Creation): uPlot {
  const defaults = context.panel.fieldConfig?.defaults ?? {};
  const options: uPlot.Options = {
    ...sizeOf(box),
    cursor: { sync: { key: 'page' }, drag: { x: true, y: false, setScale: false } },
    legend: { show: false },
    scales: {
      x: { time: true },
      y: {
        range: (_, __, high) => [defaults.min ?? 0, defaults.max ?? (high > 0 ? high * 1.08 : 1)],
      },
    },
    axes: axesOf(defaults.unit),
    ...seriesOf(lines, { stacked, custom: defaults.custom }),
    plugins: [createTooltip(lines, stacked)],
    hooks: {
      setSelect: [
        (plot) => {
          if (plot.select.width < 4) return;
          const at = (px: number) => String(Math.round(plot.posToVal(px, 'x') * 1000));
          const range = {
            from: at(plot.select.left),
            to: at(plot.select.left + plot.select.width),
          };
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          context.setRange(range);
        },
      ],
    },
  };
  return new uPlot(options, [[], ...lines.map(() => [])], box);
}

function sizeOf(box: HTMLElement): { width: number; height: number } {
  return { width: Math.max(120, box.clientWidth), height: Math.max(80, box.clientHeight) };
}

function drawLegend(legend: HTMLElement, lines: Line[]): void {
  legend.replaceChildren(
    ...lines.map(({ name, color }) =>
      el('li', { style: { '--mark': cssColor(color) }, attrs: { title: name } }, name || '(none)'),
    ),
  );
}

/** The last value of each line in words, for who can't see the chart. */
function describe(title: string, series: Series[], lines: Line[]): string {
  const latest = series.map(({ name, values }, index) => {
    const value = values.findLast((one) => one !== null) ?? null;
    return `${name} ${formatNumber(value, lines[index]?.unit)}`;
  });
  return `${title}: ${latest.join(', ') || 'no data'}`;
}
