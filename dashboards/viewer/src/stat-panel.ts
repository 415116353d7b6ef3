// A stat panel: one row of values, each with its name, or one sentence alone.
import { colorOf, configOf, mappingOf } from '../../src/model/field-config.js';
import { type Frame, toFrame } from '../../src/model/frame.js';
import type { PanelJson } from '../../src/model/grafana-json.js';
import { formatNumber } from '../../src/model/units.js';
import { cssColor } from './colors.js';
import { el, setText } from './element.js';
import type { PanelContent } from './panel-view.js';

/** Longer texts are sentences and not numbers. */
const longChars = 40;

interface Tile {
  name: string;
  element: HTMLElement;
  value: HTMLElement;
}

/** Tiles are made once and then only change their text. */
export function createStat(panel: PanelJson): PanelContent {
  const alone = panel.options?.textMode === 'value';
  const element = el('div', { class: `stat${alone ? ' alone' : ''}` });
  let tiles: Tile[] = [];
  const layOut = (frame: Frame) => {
    tiles = frame.fields.map(({ name }) => {
      const value = el('strong');
      const label = alone ? null : el('span', {}, name);
      return { name, value, element: el('div', {}, label, value) };
    });
    element.replaceChildren(...tiles.map((tile) => tile.element));
  };
  return {
    element,
    draw({ answers }) {
      const answer = answers[0];
      const frame = toFrame(answer?.columns ?? [], answer?.rows ?? []);
      if (
        frame.fields.map((field) => field.name).join() !== tiles.map((tile) => tile.name).join()
      ) {
        layOut(frame);
      }
      if (frame.length === 0) return false;
      frame.fields.forEach((field, index) => {
        const tile = tiles[index];
        if (tile) fill(tile, panel, field.values.at(-1));
      });
      return true;
    },
  };
}

function fill(tile: Tile, panel: PanelJson, value: unknown): void {
  const config = configOf(panel, tile.name);
  const text =
    mappingOf(config, String(value))?.text ??
    (typeof value === 'number' || value === null
      ? formatNumber(value, config.unit, config.decimals)
      : String(value));
  const color = colorOf(config, value);
  setText(tile.value, text);
  tile.value.classList.toggle('sentence', text.length > longChars && color === undefined);
  tile.value.style.color = color === undefined ? '' : cssColor(color);
}
