// One dashboard on the screen: its panels, and the loop that keeps them at this moment.
import type { DashboardJson, PanelJson } from '../../src/model/grafana-json.js';
import { resolveRange, stepMs, type TimeRange } from '../../src/model/time-range.js';
import type { PageState } from './address.js';
import { queryPanel } from './api.js';
import { el } from './element.js';
import { layOut } from './layout.js';
import {
  createPanelView,
  type PanelContent,
  type PanelContext,
  type PanelView,
} from './panel-view.js';
import { createStat } from './stat-panel.js';
import { createTable } from './table-panel.js';
import { createText } from './text-panel.js';
import { createTimeseries } from './timeseries-panel.js';
import { createTraces } from './traces-panel.js';

export interface Page {
  /** Asks for everything again, whether or not it is time. */
  refresh(): void;
  destroy(): void;
}

interface Entry {
  panel: PanelJson;
  view: PanelView;
  content: PanelContent;
  visible: boolean;
  /** Grows with each question; an answer to an older one is not drawn. */
  asked: number;
  timer: number;
}

/** Looks at a chart while one of its steps fills, and the longest that it goes without one. */
const looksPerStep = 5;
const slowestPaceMs = 5000;

/** Points that a chart can show side by side; one for about three pixels. */
const pxPerPoint = 3;

export interface PageOptions {
  root: HTMLElement;
  dashboard: DashboardJson;
  state(): PageState;
  setRange(range: TimeRange): void;
}

/**
 * Builds the panels and begins to ask. Each panel asks again at its own pace, so that a slow one holds up no other,
 * and rests for at least as long as its answer took. Panels out of sight rest until they come into it.
 */
export function createPage(options: PageOptions): Page {
  const entries = options.dashboard.panels.map((panel) => createEntry(panel, options));
  const elements = entries.map((entry) => entry.view.element);
  options.root.replaceChildren(...layOut(options.dashboard.panels, elements));

  let destroyed = false;
  const look = async (entry: Entry) => {
    clearTimeout(entry.timer);
    const began = performance.now();
    const answered = await load(entry, options);
    const tookMs = performance.now() - began;
    const { refreshMs } = options.state();
    if (!answered || destroyed || refreshMs === 0) return;
    entry.timer = window.setTimeout(
      () => {
        entry.timer = 0;
        if (entry.visible && !document.hidden) void look(entry);
      },
      Math.max(paceMs(entry.panel, refreshMs) - tookMs, tookMs),
    );
  };
  const wake = (entry: Entry) => {
    if (entry.timer === 0 && options.state().refreshMs > 0) void look(entry);
  };
  const watcher = new IntersectionObserver((changes) => {
    for (const change of changes) {
      const entry = entries[elements.indexOf(change.target as HTMLElement)];
      if (entry === undefined) continue;
      entry.visible = change.isIntersecting;
      if (entry.visible) wake(entry);
    }
  });
  for (const element of elements) watcher.observe(element);
  const awake = () => {
    if (!document.hidden) for (const entry of entries) if (entry.visible) wake(entry);
  };
  document.addEventListener('visibilitychange', awake);
  const refresh = () => {
    for (const entry of entries) void look(entry);
  };
  refresh();
  return {
    refresh,
    destroy() {
      destroyed = true;
      watcher.disconnect();
      document.removeEventListener('visibilitychange', awake);
      for (const { content, timer } of entries) {
        clearTimeout(timer);
        content.destroy?.();
      }
    },
  };
}

/**
 * How often a panel looks again. What is drawn in steps of ten seconds moves too little in one to ask for it every
 * second; what it leaves undone goes to the lists, in which a request shows first.
 */
function paceMs({ interval = '1s' }: PanelJson, refreshMs: number): number {
  const seconds = Number.parseInt(interval, 10) * (interval.endsWith('m') ? 60 : 1);
  return Math.max(refreshMs, Math.min((seconds * 1000) / looksPerStep, slowestPaceMs));
}

function createEntry(panel: PanelJson, options: PageOptions): Entry {
  const context: PanelContext = { panel, state: options.state, setRange: options.setRange };
  const content = contentOf(context);
  return {
    panel,
    content,
    view: createPanelView(context, content),
    visible: true,
    asked: 0,
    timer: -1,
  };
}

function contentOf(context: PanelContext): PanelContent {
  switch (context.panel.type) {
    case 'timeseries':
      return createTimeseries(context);
    case 'stat':
      return createStat(context.panel);
    case 'table':
      return createTable(context);
    case 'traces':
      return createTraces();
    case 'text':
      return { element: createText(context.panel), draw: () => true };
    default:
      return {
        element: el('p', {}, `This viewer cannot draw a panel of type ${context.panel.type}.`),
        draw: () => true,
      };
  }
}

/**
 * Asks for all queries of a panel and draws the answers, or says why there are none. False where a later question
 * was asked meanwhile, which then goes on.
 */
async function load(entry: Entry, { dashboard, state }: PageOptions): Promise<boolean> {
  const { panel, view } = entry;
  const asked = ++entry.asked;
  const range = resolveRange(state().range, Date.now());
  if (range === undefined) {
    view.fail('The time range is empty. Choose another one above.');
    return true;
  }
  const { fromMs, toMs } = range;
  const points = Math.max(100, view.element.clientWidth / pxPerPoint);
  const question = {
    dashboard: dashboard.uid,
    panelId: panel.id,
    from: fromMs,
    to: toMs,
    intervalMs: stepMs(toMs - fromMs, points, panel.interval),
    variables: variablesOf(dashboard, state().variables),
  };
  try {
    const targets = panel.targets ?? [];
    const answers = await Promise.all(
      targets.map(({ refId }) => queryPanel({ ...question, refId })),
    );
    if (asked === entry.asked) view.show({ answers, fromMs, toMs });
  } catch (error) {
    if (asked === entry.asked) view.fail(error instanceof Error ? error.message : String(error));
  }
  return asked === entry.asked;
}

/** Values of the variables that a dashboard has; the address may carry those of other pages. */
export function variablesOf(
  dashboard: DashboardJson,
  values: Record<string, string>,
): Record<string, string> {
  const own = dashboard.templating.list.filter(
    ({ type }) => type === 'query' || type === 'textbox',
  );
  return Object.fromEntries(own.map(({ name }) => [name, values[name] ?? '']));
}
