// A table panel: rows stay the same elements from one answer to the next, so nothing flickers and a selection stays.
import { shortCallSite } from '../../src/model/call-site.js';
import { colorOf, configOf, mappingOf } from '../../src/model/field-config.js';
import { type Frame, type FrameField, toFrame } from '../../src/model/frame.js';
import type { FieldConfig } from '../../src/model/grafana-json.js';
import { fillLink } from '../../src/model/links.js';
import { clockTime, dateTime, formatNumber } from '../../src/model/units.js';
import { cssColor } from './colors.js';
import { el, setAttributes, setText } from './element.js';
import type { PanelContent, PanelContext } from './panel-view.js';

interface Column {
  field: FrameField;
  config: FieldConfig;
}

interface Sorting {
  column: string;
  descending: boolean;
}

/** Creates a table; a click on a column's head sorts by it, a second one turns the order, a third gives it up. */
export function createTable(context: PanelContext): PanelContent {
  const head = el('tr');
  const body = el('tbody');
  const table = el('table', {}, el('thead', {}, head), body);
  const element = el(
    'div',
    { class: 'table', attrs: { tabindex: 0, 'aria-label': context.panel.title } },
    table,
  );
  let frame: Frame = { fields: [], length: 0 };
  let sorting: Sorting | undefined;
  let shownHead = '';

  const draw = () => {
    const columns = frame.fields.map((field) => ({
      field,
      config: configOf(context.panel, field.name),
    }));
    const visible = columns.filter(({ config }) => !config.custom?.hidden);
    const headKey = JSON.stringify([visible.map(({ field }) => field.name), sorting]);
    if (headKey !== shownHead) {
      shownHead = headKey;
      table.style.minWidth = `${widthOf(visible)}px`;
      head.replaceChildren(...visible.map((column) => headOf(column, sorting, turn)));
    }
    drawRows(body, { visible, order: orderOf(frame, sorting), frame, context });
  };
  const turn = (column: string) => {
    const same = sorting?.column === column;
    sorting = !same
      ? { column, descending: true }
      : sorting?.descending
        ? { column, descending: false }
        : undefined;
    draw();
  };
  return {
    element,
    draw({ answers }) {
      const answer = answers[0];
      const next = toFrame(answer?.columns ?? [], answer?.rows ?? []);
      // Rows must not move away under a pointer that is about to click one.
      const pointed = body.matches(':hover') && frame.length > 0 && next.length > 0;
      if (!pointed) {
        frame = next;
        draw();
      }
      table.hidden = frame.length === 0;
      return frame.length > 0;
    },
  };
}

/** A column without a width takes what is left, and is never narrower than this; then the table scrolls sideways. */
const freeColumnPx = 130;

function widthOf(columns: Column[]): number {
  return columns.reduce((sum, { config }) => sum + (config.custom?.width ?? freeColumnPx), 0);
}

function headOf(
  { field, config }: Column,
  sorting: Sorting | undefined,
  turn: (column: string) => void,
): HTMLElement {
  const sorted =
    sorting?.column === field.name ? (sorting.descending ? 'descending' : 'ascending') : undefined;
  const width = config.custom?.width;
  return el(
    'th',
    {
      attrs: { scope: 'col', 'aria-sort': sorted, 'data-kind': field.kind },
      style: width === undefined ? {} : { width: `${width}px` },
    },
    el('button', { on: { click: () => turn(field.name) } }, field.name),
  );
}

function orderOf(frame: Frame, sorting: Sorting | undefined): number[] {
  const rows = Array.from({ length: frame.length }, (_, row) => row);
  const values = frame.fields.find((field) => field.name === sorting?.column)?.values;
  if (sorting === undefined || values === undefined) return rows;
  const sign = sorting.descending ? -1 : 1;
  return rows.sort((a, b) => sign * compare(values[a], values[b]));
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a ?? '').localeCompare(String(b ?? ''));
}

interface Rows {
  visible: Column[];
  order: number[];
  frame: Frame;
  context: PanelContext;
}

function drawRows(body: HTMLElement, { visible, order, frame, context }: Rows): void {
  while (body.children.length > order.length) body.lastElementChild?.remove();
  order.forEach((row, index) => {
    const line = body.children[index] ?? body.appendChild(el('tr'));
    while (line.children.length > visible.length) line.lastElementChild?.remove();
    visible.forEach((column, at) => {
      const cell = line.children[at] ?? line.appendChild(el('td'));
      drawCell(cell as HTMLTableCellElement, { column, row, frame, context });
    });
  });
}

interface Cell {
  column: Column;
  row: number;
  frame: Frame;
  context: PanelContext;
}

function drawCell(cell: HTMLTableCellElement, { column, row, frame, context }: Cell): void {
  const { field, config } = column;
  const value = field.values[row];
  const text = textOf(field, config, value);
  const color = colorOf(config, value);
  setAttributes(cell, { 'data-kind': field.kind, title: titleOf(field, value, text) });
  const gauge = config.custom?.cellOptions?.type === 'gauge';
  cell.className = gauge ? 'gauge' : '';
  cell.style.setProperty('--part', gauge ? String(partOf(config, value)) : '');
  cell.style.setProperty('--mark', color === undefined ? '' : cssColor(color));
  cell.toggleAttribute('data-marked', color !== undefined && color !== 'text' && value !== 0);
  cell.toggleAttribute('data-zero', value === 0);
  const link = config.links?.[0];
  if (link === undefined || text === '') {
    setText(cell, text);
    return;
  }
  const fields = Object.fromEntries(frame.fields.map(({ name, values }) => [name, values[row]]));
  const href = fillLink(link.url, { fields, ...context.state() });
  const anchor = cell.firstElementChild ?? el('a');
  if (anchor.parentElement !== cell) cell.replaceChildren(anchor);
  if (anchor.getAttribute('href') !== href) setAttributes(anchor, { href });
  setText(anchor, text);
}

function textOf({ kind }: FrameField, config: FieldConfig, value: unknown): string {
  const mapped = mappingOf(config, String(value))?.text;
  if (mapped !== undefined) return mapped;
  if (value === null || value === undefined) return '–';
  if (kind === 'time') return clockTime(Number(value));
  if (kind === 'number') return formatNumber(Number(value), config.unit, config.decimals);
  return kind === 'text' ? shortCallSite(String(value)) : JSON.stringify(value);
}

function titleOf({ kind }: FrameField, value: unknown, text: string): string | undefined {
  if (kind === 'time') return dateTime(Number(value));
  // Also where the text is a short form of the value, or may be cut off.
  return kind === 'text' && text.length > 8 ? String(value) : undefined;
}

function partOf(config: FieldConfig, value: unknown): number {
  const { min = 0, max = 1 } = config;
  return Math.min(1, Math.max(0, (Number(value ?? 0) - min) / (max - min)));
}
