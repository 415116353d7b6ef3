// Lays panels out by their place in Grafana's grid: bands of panels below one another, 24 columns in each.
import type { GridPos, PanelJson } from '../../src/model/grafana-json.js';
import { el } from './element.js';

/** Height of one row of the grid. */
const rowPx = 30;

/** Kinds whose content has a height of its own; they get no taller than it, and no taller than their place. */
const FITTING = new Set(['table', 'traces', 'stat']);

/** Elements of panels in bands; `elements` has one for each of `panels`. */
export function layOut(panels: PanelJson[], elements: HTMLElement[]): HTMLElement[] {
  return bandsOf(panels).map((band) => {
    const top = Math.min(...band.map((index) => placeOf(panels, index).y));
    const cells = band.flatMap((index) => {
      const element = elements[index];
      return element ? [place(element, { panel: panels[index], top })] : [];
    });
    return el('div', { class: 'band' }, ...cells);
  });
}

/** Indices of panels, together where they overlap in height. */
function bandsOf(panels: PanelJson[]): number[][] {
  const order = panels
    .map((_, index) => index)
    .sort((a, b) => placeOf(panels, a).y - placeOf(panels, b).y);
  const bands: number[][] = [];
  let bottom = 0;
  for (const index of order) {
    const { y, h } = placeOf(panels, index);
    if (bands.length === 0 || y >= bottom) bands.push([]);
    bands.at(-1)?.push(index);
    bottom = Math.max(bottom, y + h);
  }
  return bands;
}

function placeOf(panels: PanelJson[], index: number): GridPos {
  return panels[index]?.gridPos ?? { x: 0, y: 0, w: 24, h: 8 };
}

function place(
  element: HTMLElement,
  { panel, top }: { panel: PanelJson | undefined; top: number },
): HTMLElement {
  const { x, y, w, h } = panel?.gridPos ?? { x: 0, y: top, w: 24, h: 8 };
  // Custom properties, so that the style sheet has the last word where the window is narrow.
  element.style.setProperty('--column', `${x + 1} / span ${w}`);
  element.style.setProperty('--row', `${y - top + 1}`);
  element.style.setProperty(
    FITTING.has(panel?.type ?? '') ? '--height-max' : '--height',
    `${h * rowPx}px`,
  );
  return element;
}
