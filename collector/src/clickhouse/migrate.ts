// Brings the schema up to date: numbered files, each statement once, and a crash at any point can be followed by a rerun.
import { VenturiError } from '../self/errors.js';
import type { Log } from '../self/log.js';
import { type Migration, readMigrations } from './migrations-folder.js';
import { quoteString } from './sql-tokens.js';
import type { Store } from './store.js';

export interface MigrateOptions {
  store: Store;
  log: Log;
  /** Folder of the `NNNN-*.sql` files; by default the collector's own. */
  folder?: string;
}

/** How far a migration has come: the first row says that it was started, with zero statements done. */
interface Progress {
  name: string;
  checksum: string;
  statementsDone: number;
}

const ledger = `CREATE TABLE IF NOT EXISTS venturi.schema_migrations (
  version UInt32,
  name String,
  checksum String,
  statements_done UInt32,
  at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
) ENGINE = MergeTree
ORDER BY (version, statements_done)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`;

/**
 * Applies what is missing. Throws MIGRATION_FAILED where a statement fails, where a file that was
 * applied has changed since, and where the database has migrations that this collector does not know.
 */
export async function migrate(options: MigrateOptions): Promise<void> {
  const { store, log } = options;
  const migrations = await readMigrations(options.folder).catch((cause: unknown) => {
    throw failed('the migrations cannot be read', cause);
  });
  try {
    await store.command('CREATE DATABASE IF NOT EXISTS venturi');
    await store.command(ledger);
  } catch (cause) {
    throw failed('the database venturi cannot be created', cause);
  }
  const applied = await readProgress(store).catch((cause: unknown) => {
    throw failed('the table of applied migrations cannot be read', cause);
  });
  checkHistory(migrations, applied);
  for (const migration of migrations) {
    const done = applied.get(migration.version)?.statementsDone;
    if (done === migration.statements.length) continue;
    log.info({ migration: migration.name, from: done ?? 0 }, 'applying a migration');
    if (done === undefined) await note(store, migration, 0);
    await apply(store, migration, done ?? 0);
  }
}

async function apply(store: Store, migration: Migration, from: number): Promise<void> {
  for (let i = from; i < migration.statements.length; i += 1) {
    try {
      await store.command(migration.statements[i] ?? '');
    } catch (cause) {
      throw failed(`statement ${i + 1} of ${migration.name}`, cause);
    }
    await note(store, migration, i + 1);
  }
}

async function note(store: Store, migration: Migration, statementsDone: number): Promise<void> {
  const values = [
    migration.version,
    quoteString(migration.name),
    quoteString(migration.checksum),
    statementsDone,
  ];
  const insert = 'INSERT INTO venturi.schema_migrations (version, name, checksum, statements_done)';
  try {
    await store.command(`${insert} VALUES (${values.join(', ')})`);
  } catch (cause) {
    throw failed(`${migration.name} cannot be noted as applied`, cause);
  }
}

async function readProgress(store: Store): Promise<Map<number, Progress>> {
  const { rows } = await store.query(
    `SELECT version, argMax(name, statements_done), argMax(checksum, statements_done),
      max(statements_done) AS done
    FROM venturi.schema_migrations GROUP BY version ORDER BY version`,
  );
  return new Map(
    rows.map(([version, name, checksum, done]) => [
      Number(version),
      { name: String(name), checksum: String(checksum), statementsDone: Number(done) },
    ]),
  );
}

function checkHistory(migrations: readonly Migration[], applied: Map<number, Progress>): void {
  const known = new Map(migrations.map((migration) => [migration.version, migration]));
  for (const [version, progress] of applied) {
    const migration = known.get(version);
    if (!migration) {
      throw failed(
        `the database has ${progress.name}, which this version does not know: run the newer collector`,
      );
    }
    if (migration.checksum !== progress.checksum) {
      throw failed(
        `${migration.name} was changed after it was applied: put it back and add a new file instead`,
      );
    }
  }
}

function failed(detail: string, cause?: unknown): VenturiError {
  const why = cause instanceof Error ? `: ${cause.message}` : '';
  return new VenturiError('MIGRATION_FAILED', { detail: detail + why, cause });
}
