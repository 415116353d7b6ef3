// What every panel has around its content: title, what it means, its SQL, and what is wrong where something is.
import type { PanelJson } from '../../src/model/grafana-json.js';
import type { TimeRange } from '../../src/model/time-range.js';
import type { PanelAnswer } from './api.js';
import { el, setText } from './element.js';
import { showSql } from './sql-dialog.js';

/** What a panel's content may want to know of the page. */
export interface PanelContext {
  panel: PanelJson;
  /** State of the page at this moment. */
  state(): { range: TimeRange; variables: Record<string, string> };
  /** Shows another time, such as one that was marked in a chart. */
  setRange(range: TimeRange): void;
}

export interface Shown {
  answers: PanelAnswer[];
  fromMs: number;
  toMs: number;
}

/** The content of a panel; `draw` says whether there was anything to show. */
export interface PanelContent {
  element: HTMLElement;
  draw(shown: Shown): boolean;
  destroy?(): void;
}

export interface PanelView {
  element: HTMLElement;
  show(shown: Shown): void;
  fail(message: string): void;
}

/** Builds the frame around a content. */
export function createPanelView(context: PanelContext, content: PanelContent): PanelView {
  const { panel } = context;
  let answers: PanelAnswer[] = [];
  const note = el('p', { class: 'note', attrs: { role: 'status' } }, 'Loading …');
  const sql = el(
    'button',
    {
      class: 'quiet sql-button',
      attrs: { 'aria-label': `SQL of ${panel.title}`, hidden: !panel.targets?.length },
      on: { click: () => showSql(panel.title, answers) },
    },
    'SQL',
  );
  const element = el(
    'section',
    {
      class: `panel panel-${panel.type}`,
      attrs: { 'aria-label': panel.title, 'data-panel': panel.id, 'data-state': 'loading' },
    },
    el(
      'header',
      {},
      el('h2', { attrs: { title: panel.description } }, panel.title),
      el('span', { class: 'about' }, panel.description ?? ''),
      sql,
    ),
    el('div', { class: 'content' }, content.element, note),
  );
  return {
    element,
    show(shown) {
      answers = shown.answers;
      const drawn = content.draw(shown);
      element.dataset.state = drawn ? 'drawn' : 'empty';
      const noValue = panel.fieldConfig?.defaults.noValue ?? 'No data in this time';
      setText(note, drawn ? '' : noValue);
      // A panel that has nothing to say about having nothing gives its place to the others.
      element.hidden = !drawn && noValue === '';
    },
    fail(message) {
      // What was drawn before stays, so that one missed answer does not empty the page.
      const { state } = element.dataset;
      element.dataset.state = state === 'drawn' || state === 'stale' ? 'stale' : 'failed';
      element.hidden = false;
      setText(note, message);
    },
  };
}
