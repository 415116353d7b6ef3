// A real ClickHouse engine in the test process with the migrations applied, and traces written by hand.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Session } from 'chdb';
import type { QueryResult, Reader } from '../../../src/query/locate/reader.js';

const migrations = new URL('../../../../src/schema/migrations/', import.meta.url);

export interface SpanRow {
  [column: string]: unknown;
}

export class TestEngine implements Reader {
  readonly #folder = mkdtempSync(join(tmpdir(), 'venturi-locate-'));
  readonly #session = new Session(this.#folder);

  constructor() {
    this.#session.query('CREATE DATABASE venturi');
    for (const file of readdirSync(migrations).sort()) {
      const sql = readFileSync(new URL(file, migrations), 'utf8').replace(/^--.*$/gm, '');
      for (const statement of sql.split(';').filter((part) => part.trim() !== '')) {
        this.#session.query(statement);
      }
    }
  }

  async query(sql: string, params: Record<string, unknown>): Promise<QueryResult> {
    const result = await this.#session.queryBindAsync(
      `${sql}\nSETTINGS output_format_json_quote_64bit_integers = 0`,
      params,
      { format: 'JSONCompact' },
    );
    const { meta, data } = JSON.parse(result.text());
    return { columns: meta, rows: data, elapsedMs: 0 };
  }

  async command(sql: string): Promise<void> {
    this.#session.query(sql);
  }

  write(rows: SpanRow[], table = 'venturi.spans'): void {
    const lines = rows.map((row) => JSON.stringify(row)).join('\n');
    this.#session.query(`INSERT INTO ${table} FORMAT JSONEachRow ${lines}`);
  }

  close(): void {
    this.#session.cleanup();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
