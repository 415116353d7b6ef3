// Finds the migrations: they are .sql files, which the compiler does not copy, so they are read from the package's src.

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { splitStatements } from './sql-tokens.js';

export interface Migration {
  /** The number that the file's name begins with. */
  version: number;
  /** Name of the file. */
  name: string;
  /** SHA-256 of the file with line ends as `\n`, in hex. */
  checksum: string;
  statements: string[];
}

/** From `dist/src/clickhouse` to `src/schema/migrations`, in a checkout as in the published package. */
const folder = fileURLToPath(new URL('../../../src/schema/migrations', import.meta.url));

/** All migrations in the order of their numbers. Throws when two share a number. */
export async function readMigrations(from: string = folder): Promise<Migration[]> {
  const names = (await readdir(from)).filter((name) => /^\d{4}-.*\.sql$/.test(name)).sort();
  const migrations = await Promise.all(names.map((name) => readMigration(join(from, name))));
  migrations.forEach((migration, i) => {
    if (migration.version === migrations[i - 1]?.version) {
      throw new Error(`two migrations have the number of ${migration.name}`);
    }
  });
  return migrations;
}

async function readMigration(file: string): Promise<Migration> {
  // A checkout on another system may have changed the line ends; that is no change of the schema.
  const sql = (await readFile(file, 'utf8')).replaceAll('\r\n', '\n');
  const name = basename(file);
  return {
    version: Number(name.slice(0, 4)),
    name,
    checksum: createHash('sha256').update(sql).digest('hex'),
    statements: splitStatements(sql).map(repeatable),
  };
}

/**
 * The statement with IF NOT EXISTS, since DDL is not transactional: after a crash between a
 * statement and the note that it was run, it is run again. Views are created as they are too.
 */
export function repeatable(statement: string): string {
  return statement.replace(
    /^((?:\s|--[^\n]*\n)*CREATE\s+(?:MATERIALIZED\s+VIEW|TABLE|DATABASE|VIEW|DICTIONARY)\s+)(?!IF\s+NOT\s+EXISTS)/i,
    '$1IF NOT EXISTS ',
  );
}
