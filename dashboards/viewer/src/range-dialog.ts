// Asks for a time range with a beginning and an end.
import { resolveTime, type TimeRange } from '../../src/model/time-range.js';
import { el } from './element.js';

/** Opens a dialog; `done` gets the range, or nothing where it was given up. */
export function createRangeDialog(range: TimeRange, done: (range?: TimeRange) => void): void {
  const now = Date.now();
  const from = input('From', resolveTime(range.from, now) ?? now - 900_000);
  const to = input('To', resolveTime(range.to, now) ?? now);
  const error = el('p', { class: 'error', attrs: { role: 'alert' } });
  const dialog = el('dialog', { class: 'range', attrs: { 'aria-label': 'Time range' } });
  let chosen: TimeRange | undefined;
  const choose = () => {
    const ends = [from.field, to.field].map((field) => new Date(field.value).getTime());
    const [fromMs = Number.NaN, toMs = Number.NaN] = ends;
    if (!(fromMs < toMs)) {
      error.textContent = 'The beginning must lie before the end.';
      return;
    }
    chosen = { from: String(fromMs), to: String(toMs) };
    dialog.close();
  };
  dialog.append(
    el('h2', {}, 'Time range'),
    from.label,
    to.label,
    error,
    el(
      'footer',
      {},
      el('button', { class: 'quiet', on: { click: () => dialog.close() } }, 'Cancel'),
      el('button', { class: 'primary', on: { click: choose } }, 'Show'),
    ),
  );
  dialog.addEventListener('close', () => {
    dialog.remove();
    done(chosen);
  });
  document.body.append(dialog);
  dialog.showModal();
}

function input(name: string, atMs: number): { label: HTMLElement; field: HTMLInputElement } {
  const field = el('input', { attrs: { type: 'datetime-local', step: 1, value: local(atMs) } });
  return { field, label: el('label', {}, el('span', {}, name), field) };
}

/** `2026-11-22T18:36:40` in the reader's zone, as the input wants it. */
function local(atMs: number): string {
  const offsetMs = new Date(atMs).getTimezoneOffset() * 60_000;
  return new Date(atMs - offsetMs).toISOString().slice(0, 19);
}
