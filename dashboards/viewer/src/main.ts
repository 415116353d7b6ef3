// Where the viewer begins: reads the address, shows its dashboard, and keeps the two together.
import type { DashboardJson } from '../../src/model/grafana-json.js';
import { resolveRange } from '../../src/model/time-range.js';
import { type PageState, readAddress, writeAddress } from './address.js';
import { fetchDashboard, fetchOptions, type Option } from './api.js';
import { drawControls } from './controls.js';
import { el } from './element.js';
import { createPage, type Page, variablesOf } from './page.js';

const bar = document.querySelector<HTMLElement>('#bar') ?? document.body;
const root = document.querySelector<HTMLElement>('#panels') ?? document.body;

let state = readAddress(new URL(location.href));
let dashboard: DashboardJson | undefined;
let options: Record<string, Option[]> = {};
let page: Page | undefined;

/** Shows the dashboard of the state from scratch. */
async function open(): Promise<void> {
  page?.destroy();
  page = undefined;
  const { uid } = state;
  try {
    const loaded = await fetchDashboard(uid);
    const choices = await choicesOf(loaded);
    if (uid !== state.uid) return;
    dashboard = loaded;
    options = choices;
  } catch (error) {
    root.replaceChildren(
      el('p', { class: 'failure', attrs: { role: 'alert' } }, (error as Error).message),
    );
    return;
  }
  chooseDefaults();
  document.title = `${dashboard.title.replace(/^Venturi: /, '')} · Venturi`;
  drawBar();
  page = createPage({
    root,
    dashboard,
    state: () => state,
    setRange: (range) => change({ range }),
  });
}

async function choicesOf(loaded: DashboardJson): Promise<Record<string, Option[]>> {
  const range = resolveRange(state.range, Date.now());
  if (range === undefined) return {};
  const asked = {
    dashboard: loaded.uid,
    from: range.fromMs,
    to: range.toMs,
    variables: variablesOf(loaded, state.variables),
  };
  const lists = loaded.templating.list
    .filter(({ type }) => type === 'query')
    .map(async ({ name }) => [name, await fetchOptions({ ...asked, name })] as const);
  return Object.fromEntries(await Promise.all(lists));
}

/** A query variable without a value takes its first choice, as in Grafana. */
function chooseDefaults(): void {
  for (const [name, list] of Object.entries(options)) {
    const first = list[0];
    if (first && !state.variables[name]) {
      state = { ...state, variables: { ...state.variables, [name]: first.value } };
    }
  }
}

function change(next: Partial<PageState>): void {
  state = { ...state, ...next };
  history.pushState(null, '', writeAddress(state));
  drawBar();
  page?.refresh();
}

function drawBar(): void {
  if (dashboard) drawControls({ bar, dashboard, state, options, change });
}

function follow(url: URL): void {
  const next = readAddress(url);
  const elsewhere = next.uid !== state.uid;
  state = next;
  if (elsewhere || page === undefined) {
    root.replaceChildren();
    scrollTo(0, 0);
    void open();
    return;
  }
  chooseDefaults();
  drawBar();
  page.refresh();
  scrollTo(0, 0);
}

document.addEventListener('click', (event) => {
  const anchor = event.target instanceof Element ? event.target.closest('a') : null;
  const modified = event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0;
  if (anchor === null || modified || anchor.origin !== location.origin || anchor.hash !== '')
    return;
  event.preventDefault();
  history.pushState(null, '', anchor.href);
  follow(new URL(anchor.href));
});
addEventListener('popstate', () => follow(new URL(location.href)));

// A new service may appear while a page is open; its choices are looked up now and then, not every second.
const choicesIntervalMs = 10_000;
setInterval(() => {
  const shown = dashboard;
  if (shown === undefined || document.hidden || bar.contains(document.activeElement)) return;
  choicesOf(shown).then(
    (choices) => {
      if (shown !== dashboard || JSON.stringify(choices) === JSON.stringify(options)) return;
      const before = writeAddress(state);
      options = choices;
      chooseDefaults();
      drawBar();
      if (writeAddress(state) !== before) page?.refresh();
    },
    // The panels say it when the collector does not answer.
    () => undefined,
  );
}, choicesIntervalMs);

void open();
