// Prints a verdict as a table for a terminal.
import type { Bottleneck, Verdict } from '@venturi/collector/schema';

const HEADINGS = ['service', 'route', 'cause', 'time', 'share'] as const;

/** The table, one bottleneck a line with its evidence below, or a sentence where there is none. */
export function verdictTable(verdict: Verdict): string {
  const seconds = Math.round((verdict.to - verdict.from) / 1000);
  const seen = `${verdict.requests} requests in ${seconds} s`;
  if (verdict.bottlenecks.length === 0) return `No bottleneck located (${seen}).`;
  const rows = verdict.bottlenecks.map(cellsOf);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const body = verdict.bottlenecks.flatMap((bottleneck, index) => [
    line(rows[index] ?? []),
    ...evidenceOf(bottleneck).map((text) => `    ${text}`),
  ]);
  return [`Located (${seen}):`, '', line(HEADINGS), ...body].join('\n');
}

function cellsOf({ service, route, cause, costMs, share }: Bottleneck): string[] {
  return [service, route, cause, `${costMs.toFixed(1)} ms`, `${Math.round(share * 100)} %`];
}

function evidenceOf({ detail, callSite, statement, traceId }: Bottleneck): string[] {
  const trace = traceId && `trace ${traceId}`;
  return [detail, callSite && `at ${callSite}`, statement, trace].filter((text) => text !== '');
}
