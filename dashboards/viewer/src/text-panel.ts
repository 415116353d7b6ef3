// A text panel: the little of Markdown that our dashboards use.
import type { PanelJson } from '../../src/model/grafana-json.js';
import { el } from './element.js';

/** Paragraphs and lists, with `**bold**` and code inside. */
export function createText(panel: PanelJson): HTMLElement {
  const blocks = (panel.options?.content ?? '').split(/\n{2,}/);
  return el('div', { class: 'text' }, ...blocks.map(block));
}

function block(text: string): HTMLElement {
  const lines = text.split('\n');
  if (!lines.every((line) => line.startsWith('- '))) return el('p', {}, ...inline(text));
  return el('ul', {}, ...lines.map((line) => el('li', {}, ...inline(line.slice(2)))));
}

function inline(text: string): (Node | string)[] {
  return text.split(/(\*\*[^*]+\*\*|`[^`]+`)/).map((part) => {
    if (part.startsWith('**')) return el('strong', {}, part.slice(2, -2));
    if (part.startsWith('`')) return el('code', {}, part.slice(1, -1));
    return part;
  });
}
