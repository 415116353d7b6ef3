// The bar above the panels: pages, variables, time, and how often to look again.
import type { DashboardJson } from '../../src/model/grafana-json.js';
import type { TimeRange } from '../../src/model/time-range.js';
import { dateTime } from '../../src/model/units.js';
import { type PageState, writeAddress } from './address.js';
import type { Option } from './api.js';
import { el } from './element.js';
import { createRangeDialog } from './range-dialog.js';

const RANGES: [from: string, label: string][] = [
  ['now-5m', 'Last 5 minutes'],
  ['now-15m', 'Last 15 minutes'],
  ['now-1h', 'Last hour'],
  ['now-6h', 'Last 6 hours'],
  ['now-24h', 'Last 24 hours'],
];
const REFRESH_MS = [0, 1000, 2000, 5000];
const ABSOLUTE = 'absolute';

export interface ControlsOptions {
  bar: HTMLElement;
  dashboard: DashboardJson;
  state: PageState;
  /** Choices of each query variable by its name. */
  options: Record<string, Option[]>;
  change(next: Partial<PageState>): void;
}

/** Draws the bar anew; it changes only when the page, the time or a variable does. */
export function drawControls({ bar, dashboard, state, options, change }: ControlsOptions): void {
  const variables = dashboard.templating.list.flatMap(({ type, name, label = name }) => {
    const setValue = (value: string) =>
      change({ variables: { ...state.variables, [name]: value } });
    const value = state.variables[name] ?? '';
    if (type === 'query')
      return [selectOf({ label, value, options: options[name] ?? [], setValue })];
    if (type === 'textbox') return [textOf({ label, value, setValue })];
    return [];
  });
  bar.replaceChildren(
    el('a', { class: 'brand', attrs: { href: '/' } }, logo(), 'Venturi'),
    navigation(dashboard, state),
    el('div', { class: 'controls' }, ...variables, timeOf(state, change), refreshOf(state, change)),
  );
}

function navigation(dashboard: DashboardJson, state: PageState): HTMLElement {
  const links = dashboard.links.flatMap(({ title, url }) => {
    const uid = /^\/d\/([\w-]+)$/.exec(url)?.[1];
    if (uid === undefined) return [];
    const current = uid === state.uid ? 'page' : undefined;
    const href = writeAddress({ ...state, uid });
    return [el('a', { attrs: { href, 'aria-current': current } }, title)];
  });
  return el('nav', { attrs: { 'aria-label': 'Pages' } }, ...links);
}

interface Choice {
  label: string;
  value: string;
  setValue(value: string): void;
}

function selectOf({
  label,
  value,
  options,
  setValue,
}: Choice & { options: Option[] }): HTMLElement {
  const known = options.some((option) => option.value === value);
  const shown = known || value === '' ? options : [{ text: value, value }, ...options];
  const select = el(
    'select',
    { attrs: { disabled: shown.length === 0 } },
    ...shown.map((option) => el('option', { attrs: { value: option.value } }, option.text)),
  );
  select.value = value;
  select.addEventListener('change', () => setValue(select.value));
  return el('label', {}, el('span', {}, label), select);
}

function textOf({ label, value, setValue }: Choice): HTMLElement {
  const input = el('input', {
    attrs: {
      type: 'text',
      value,
      spellcheck: 'false',
      autocomplete: 'off',
      size: 34,
      maxlength: 64,
    },
  });
  input.addEventListener('change', () => setValue(input.value.trim()));
  return el('label', {}, el('span', {}, label), input);
}

function timeOf({ range }: PageState, change: ControlsOptions['change']): HTMLElement {
  const relative = range.to === 'now' && RANGES.some(([from]) => from === range.from);
  const select = el(
    'select',
    {},
    ...RANGES.map(([from, label]) => el('option', { attrs: { value: from } }, label)),
    el('option', { attrs: { value: ABSOLUTE } }, relative ? 'Absolute …' : describe(range)),
  );
  select.value = relative ? range.from : ABSOLUTE;
  const open = () =>
    createRangeDialog(range, (chosen) => {
      if (chosen) change({ range: chosen });
      else select.value = relative ? range.from : ABSOLUTE;
    });
  select.addEventListener('change', () => {
    if (select.value === ABSOLUTE) open();
    else change({ range: { from: select.value, to: 'now' } });
  });
  const edit = el(
    'button',
    { class: 'quiet', attrs: { hidden: relative }, on: { click: open } },
    'Change',
  );
  return el('label', {}, el('span', {}, 'Time'), select, edit);
}

function describe({ from, to }: TimeRange): string {
  const one = (end: string) => (/^\d+$/.test(end) ? dateTime(Number(end)) : end);
  return `${one(from)} – ${one(to)}`;
}

function refreshOf({ refreshMs }: PageState, change: ControlsOptions['change']): HTMLElement {
  const select = el(
    'select',
    {},
    ...REFRESH_MS.map((ms) =>
      el('option', { attrs: { value: ms } }, ms === 0 ? 'Paused' : `Every ${ms / 1000} s`),
    ),
  );
  select.value = String(REFRESH_MS.includes(refreshMs) ? refreshMs : 1000);
  select.addEventListener('change', () => change({ refreshMs: Number(select.value) }));
  return el(
    'label',
    {},
    el('span', {}, 'Refresh'),
    el('i', { class: refreshMs === 0 ? 'pulse off' : 'pulse', attrs: { 'aria-hidden': 'true' } }),
    select,
  );
}

function logo(): HTMLElement {
  return el('img', { attrs: { src: '/assets/icon.svg', alt: '', width: 22, height: 22 } });
}
