// Shows the query behind a panel: what ran, how long it took, and a way to copy it.
import { formatNumber } from '../../src/model/units.js';
import type { PanelAnswer } from './api.js';
import { el } from './element.js';

/** Opens a dialog; Escape or a click beside it closes it. */
export function showSql(title: string, answers: PanelAnswer[]): void {
  const dialog = el(
    'dialog',
    { class: 'sql', attrs: { 'aria-label': `SQL of ${title}` } },
    el(
      'header',
      {},
      el('h2', {}, title),
      el('button', { class: 'quiet', on: { click: () => dialog.close() } }, 'Close'),
    ),
    ...answers.map(showAnswer),
  );
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function showAnswer(answer: PanelAnswer): HTMLElement {
  const copy = el('button', { class: 'quiet' }, 'Copy');
  copy.addEventListener('click', () => {
    const done = (text: string) => () => {
      copy.textContent = text;
    };
    navigator.clipboard.writeText(answer.sql).then(done('Copied'), done('Select it by hand'));
  });
  const rows = `${answer.rows.length} ${answer.rows.length === 1 ? 'row' : 'rows'}`;
  return el(
    'section',
    {},
    el('p', {}, `${rows} in ${formatNumber(answer.elapsedMs, 'ms')}`, copy),
    el('pre', { attrs: { tabindex: 0 } }, el('code', {}, answer.sql)),
  );
}
