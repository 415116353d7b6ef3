// A ClickHouse inside the test's own process, with the schema in it.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Session } from 'chdb';
import type { WrittenTable } from '../../src/decode/block.js';
import { TABLES } from '../../src/schema/columns.js';

const migrations = fileURLToPath(new URL('../../../src/schema/migrations/', import.meta.url));

export class TestEngine {
  readonly folder = mkdtempSync(join(tmpdir(), 'venturi-test-'));
  readonly #session = new Session(join(this.folder, 'db'));
  #files = 0;

  constructor() {
    this.#session.query('CREATE DATABASE venturi');
    for (const file of readdirSync(migrations).sort()) {
      const sql = readFileSync(join(migrations, file), 'utf8').replace(/^--.*$/gm, '');
      for (const statement of sql.split(/;\s*$/m)) {
        if (statement.trim() !== '') this.#session.query(statement);
      }
    }
  }

  /** The rows of a SELECT as objects; 64-bit numbers are text. */
  rows<T = Record<string, unknown>>(sql: string): T[] {
    const settings = "SETTINGS output_format_json_quote_64bit_integers=1, session_timezone='UTC'";
    const text = this.#session.query(`${sql} ${settings}`, 'JSONEachRow');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as T);
  }

  run(sql: string): void {
    this.#session.query(sql);
  }

  /** Inserts what a block wrote, as the inserter does. */
  insert(tables: readonly WrittenTable[]): void {
    for (const { table, chunks } of tables) {
      this.#files += 1;
      const file = join(this.folder, `${this.#files}.native`);
      writeFileSync(file, Buffer.concat(chunks));
      const columns = TABLES[table].map(({ name }) => `\`${name}\``).join(', ');
      this.#session.query(
        `INSERT INTO venturi.${table} (${columns}) FROM INFILE '${file}' ` +
          'SETTINGS input_format_skip_unknown_fields=0, async_insert=0 FORMAT Native',
      );
    }
  }

  close(): void {
    this.#session.cleanup();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
