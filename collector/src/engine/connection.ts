// One connection to the embedded ClickHouse: one statement at a time, with settings and parameters of its own.
import type { Session } from 'chdb';
import { quoteIdentifier, quoteString } from '../clickhouse/sql-tokens.js';
import { exception, toException } from './exception.js';

export interface Statement {
  sql: string;
  /** Format of the answer where the statement has no FORMAT clause. */
  format: string;
  database: string;
  /** Settings for this statement alone. */
  settings: ReadonlyMap<string, string>;
  /** Values of `{name:Type}`, written as ClickHouse's HTTP interface takes them (escaped as in TSV). */
  params: ReadonlyMap<string, string>;
  /** By this `cancel` finds the statement among the running ones. */
  id: string;
}

export interface StatementResult {
  bytes: Uint8Array;
  rowsRead: number;
  bytesRead: number;
  /** Seconds. */
  elapsed: number;
}

/** The engine's settings, and the values of those that the configuration has changed. */
export interface KnownSettings {
  names: ReadonlySet<string>;
  changed: ReadonlyMap<string, string>;
}

const settingName = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

/** The setting in which a statement carries its id, since a query id cannot be chosen. */
const idSetting = 'log_comment';

export class EngineConnection {
  readonly #session: Session;
  readonly #known: ReadonlySet<string>;
  readonly #defaults: Map<string, string>;
  /** Settings that differ from the defaults at this moment. */
  readonly #changed = new Set<string>();
  #params = new Set<string>();
  #database = 'default';

  constructor(session: Session, settings: KnownSettings) {
    this.#session = session;
    this.#known = settings.names;
    this.#defaults = new Map(settings.changed);
  }

  /** Runs a statement that prepares the connection itself. */
  async setUp(sql: string): Promise<void> {
    await this.#session.queryAsync(sql);
  }

  /** Changes what the connection goes back to after each statement. */
  async setBaseline(settings: Record<string, string>): Promise<void> {
    const assignments = Object.entries(settings).map(([k, v]) => `${k} = ${quoteString(v)}`);
    await this.setUp(`SET ${assignments.join(', ')}`);
    for (const [name, value] of Object.entries(settings)) this.#defaults.set(name, value);
  }

  /** Runs a statement. Throws an EngineException. */
  async run(statement: Statement): Promise<StatementResult> {
    try {
      await this.#prepare(statement);
      const result = await this.#session.queryAsync(statement.sql, { format: statement.format });
      return {
        bytes: result.bytes(),
        rowsRead: result.rowsRead,
        bytesRead: result.bytesRead,
        elapsed: result.elapsed,
      };
    } catch (thrown) {
      throw toException(thrown);
    }
  }

  /** Brings settings, parameters and database to what the statement wants, and the rest back to default. */
  async #prepare(statement: Statement): Promise<void> {
    if (statement.database !== this.#database) {
      await this.#session.queryAsync(`USE ${quoteIdentifier(statement.database)}`);
      this.#database = statement.database;
    }
    const wanted = new Map(statement.settings).set(idSetting, statement.id);
    const stale = [...this.#changed].filter((name) => !wanted.has(name));
    const assignments = [...stale.map((name) => this.#restore(name)), ...this.#assign(wanted)];
    for (const [name, value] of statement.params) {
      if (!settingName.test(name)) throw exception(456, `Bad parameter name ${name}`);
      assignments.push(`param_${name} = ${quoteString(value)}`);
    }
    this.#refuseStaleParams(statement);
    for (const name of statement.params.keys()) this.#params.add(name);
    await this.#session.queryAsync(`SET ${assignments.join(', ')}`);
    // Only now: had SET failed, the next statement would have to restore them.
    for (const name of stale) this.#changed.delete(name);
  }

  #restore(name: string): string {
    const value = this.#defaults.get(name);
    return `${name} = ${value === undefined ? 'DEFAULT' : quoteString(value)}`;
  }

  #assign(wanted: ReadonlyMap<string, string>): string[] {
    return [...wanted].map(([name, value]) => {
      if (!settingName.test(name) || !this.#known.has(name)) {
        throw exception(115, `Unknown setting '${name}'`);
      }
      this.#changed.add(name);
      return `${name} = ${quoteString(value)}`;
    });
  }

  /** A parameter stays set on a connection; one of an earlier statement must not fill this one's hole. */
  #refuseStaleParams(statement: Statement): void {
    for (const [, name = ''] of statement.sql.matchAll(/\{\s*(\w+)\s*:\s*\w/g)) {
      if (this.#params.has(name) && !statement.params.has(name)) {
        throw exception(456, `Substitution \`${name}\` is not set`);
      }
    }
  }
}

/** Asks ClickHouse to stop the statement with this id; resolves when it has been asked. */
export async function cancelStatement(control: Session, id: string): Promise<void> {
  await control.queryAsync(
    `KILL QUERY WHERE Settings['${idSetting}'] = ${quoteString(id)} ASYNC FORMAT Null`,
  );
}
