// The one thing the locator needs of a database: run a statement with named parameters, get rows back.

export interface QueryResult {
  columns: { name: string; type: string }[];
  rows: unknown[][];
  elapsedMs: number;
}

export interface Reader {
  query(sql: string, params: Record<string, unknown>): Promise<QueryResult>;
}

/** The window that is looked at, in milliseconds since the epoch. */
export interface Window {
  fromMs: number;
  toMs: number;
}

/** A query that was run, kept so that every number can be traced to what produced it. */
export interface RanQuery {
  name: string;
  sql: string;
  elapsedMs: number;
}

/** Runs `sql` over a window and gives its rows as objects keyed by column name. */
export async function rowsOf<Row>(
  reader: Reader,
  query: { name: string; sql: string; ran: RanQuery[] },
  window: Window,
): Promise<Row[]> {
  const result = await reader.query(query.sql, { fromMs: window.fromMs, toMs: window.toMs });
  query.ran.push({ name: query.name, sql: query.sql, elapsedMs: result.elapsedMs });
  return result.rows.map((row) => {
    const entries = result.columns.map((column, i) => [column.name, row[i]]);
    return Object.fromEntries(entries) as Row;
  });
}
