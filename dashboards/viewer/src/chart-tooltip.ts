// The values under the pointer, beside it.
import type uPlot from 'uplot';
import { dateTime, formatNumber } from '../../src/model/units.js';
import type { Line } from './chart-line.js';
import { cssColor } from './colors.js';
import { el } from './element.js';

/** A uPlot plugin. Values of stacked lines are shown as their own, not as the totals that are drawn. */
export function createTooltip(lines: Line[], stacked: boolean): uPlot.Plugin {
  const tip = el('div', { class: 'tooltip', attrs: { hidden: true } });
  const hide = () => {
    tip.hidden = true;
  };
  return {
    hooks: {
      ready: [
        (plot) => {
          plot.over.append(tip);
          plot.over.addEventListener('mouseleave', hide);
        },
      ],
      setCursor: [
        (plot) => {
          const { idx, left = -1 } = plot.cursor;
          // Charts beside this one follow the pointer with a line; only the one under it has a tip.
          if (idx === null || idx === undefined || left < 0 || !plot.over.matches(':hover'))
            return hide();
          const values = valuesAt(plot, idx, stacked);
          const shown = lines
            .map((line, index) => ({ line, value: values[index] ?? null }))
            .filter(({ value }) => value !== null)
            .sort((a, b) => (b.value ?? 0) - (a.value ?? 0));
          tip.replaceChildren(
            el('time', {}, dateTime((plot.data[0][idx] ?? 0) * 1000)),
            ...shown.map(({ line, value }) =>
              el(
                'div',
                { style: { '--mark': cssColor(line.color) } },
                el('span', {}, line.name),
                el('b', {}, formatNumber(value, line.unit)),
              ),
            ),
          );
          tip.hidden = shown.length === 0;
          const right = left > plot.over.clientWidth / 2;
          tip.style.left = right ? '' : `${left + 12}px`;
          tip.style.right = right ? `${plot.over.clientWidth - left + 12}px` : '';
        },
      ],
    },
  };
}

function valuesAt(plot: uPlot, index: number, stacked: boolean): (number | null)[] {
  const drawn = plot.data.slice(1).map((line) => line[index] ?? null);
  if (!stacked) return drawn;
  return drawn.map((value, at) => (value ?? 0) - (at > 0 ? (drawn[at - 1] ?? 0) : 0));
}
