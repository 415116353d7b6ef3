// A verdict as text for a person at a terminal.
import type { Bottleneck, Verdict } from '../schema/verdict.js';

/** The verdict as lines: a table of bottlenecks with the evidence below each, or one sentence. */
export function verdictLines(verdict: Verdict): string[] {
  const { requests, bottlenecks } = verdict;
  if (requests === 0) return ['no request was seen: run venturi doctor'];
  const seen = `${number(requests)} request${requests === 1 ? '' : 's'}`;
  if (bottlenecks.length === 0) return [`no bottleneck found in ${seen}`];
  const what = bottlenecks.length === 1 ? 'bottleneck' : 'bottlenecks';
  const head = ['', 'service', 'route', 'cause', 'lost per request'];
  const rows = bottlenecks.map((one, i) => [
    String(i + 1),
    one.service,
    one.route,
    one.cause,
    `${milliseconds(one.costMs)}, ${Math.round(one.share * 100)} %`,
  ]);
  const [title = '', ...lines] = columns([head, ...rows]);
  return [
    `${bottlenecks.length} ${what} in ${seen}`,
    '',
    title,
    ...lines.flatMap((line, i) => [line, ...evidence(bottlenecks[i])]),
  ];
}

function evidence(one: Bottleneck | undefined): string[] {
  if (!one) return [];
  const parts: Array<[name: string, text: string]> = [
    ['', one.detail],
    ['at', one.callSite],
    ['runs', shorten(one.statement, 160)],
    ['trace', one.traceId],
  ];
  return parts
    .filter(([, text]) => text !== '')
    .map(([name, text]) => `     ${name === '' ? '' : `${name.padEnd(5)} `}${text}`);
}

function columns(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) =>
    `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd(),
  );
}

function milliseconds(value: number): string {
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  return `${value < 10 ? value.toFixed(1) : number(Math.round(value))} ms`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

function shorten(text: string, length: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`;
}
