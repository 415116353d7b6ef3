// Loads chdb and opens the data folder: connections that write, connections that only read, and the parser's judgement.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as Chdb from 'chdb';
import type { Session } from 'chdb';
import { writeConfigFiles } from './config-files.js';
import { EngineConnection, type KnownSettings } from './connection.js';
import type { EngineLimits, FailedMessage } from './messages.js';
import { openParser, type Parser } from './parser.js';

export interface OpenEngine {
  writer: EngineConnection;
  readers: EngineConnection[];
  /** Free for KILL QUERY while all the others are busy. */
  control: Session;
  parser: Parser;
  version: string;
  close(): void;
}

/** Why the data folder could not be opened. */
export class OpenError extends Error {
  readonly reason: FailedMessage['reason'];

  constructor(reason: FailedMessage['reason'], cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.reason = reason;
  }
}

/** Opens `<dataDir>/engine`. Throws an OpenError. */
export async function openEngine(dataDir: string, limits: EngineLimits): Promise<OpenEngine> {
  const chdb = await loadChdb();
  const folder = join(dataDir, 'engine');
  const config = await writeConfigFiles(join(dataDir, 'engine-config'), limits).catch(
    (cause: unknown) => {
      throw new OpenError('folder-unusable', cause);
    },
  );
  const control = openSession(chdb, folder, [`--config-file=${config}`]);
  const sessions = Array.from({ length: limits.readers + 1 }, () => openSession(chdb, folder, []));
  const settings = await readSettings(control);
  const [writer, ...readers] = sessions.map((session) => new EngineConnection(session, settings));
  if (!writer) throw new OpenError('other', 'no connection was opened');
  for (const reader of readers) await restrict(reader, limits);
  const version = (await control.queryAsync('SELECT version()', { format: 'TSV' })).text().trim();
  return {
    writer,
    readers,
    control,
    parser: await openParser(folder),
    version,
    close: () => {
      for (const session of [...sessions, control]) session.close();
    },
  };
}

async function loadChdb(): Promise<typeof Chdb> {
  try {
    return await import('chdb');
  } catch (cause) {
    throw new OpenError('platform', cause);
  }
}

function openSession(chdb: typeof Chdb, folder: string, connectionArgs: string[]): Session {
  try {
    return new chdb.Session(folder, { connectionArgs });
  } catch (cause) {
    // The reason is written to standard error by the library; what is thrown only names the folder.
    const owner = ownerOf(folder);
    if (owner === undefined) throw new OpenError('other', cause);
    throw new OpenError('folder-in-use', `process ${owner} has ${folder} open`);
  }
}

/** The living process that ClickHouse's own `status` file names as the one that has the folder open. */
function ownerOf(folder: string): number | undefined {
  try {
    const pid = Number(/^PID: (\d+)/m.exec(readFileSync(join(folder, 'status'), 'utf8'))?.[1]);
    if (pid === process.pid) return undefined;
    process.kill(pid, 0);
    return pid;
  } catch {
    return undefined;
  }
}

/** The settings that every connection begins with, to go back to after a statement that had its own. */
async function readSettings(session: Session): Promise<KnownSettings> {
  const result = await session.queryAsync('SELECT name, value, changed FROM system.settings', {
    format: 'JSONCompactEachRow',
  });
  const rows = result
    .text()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as [string, string, number]);
  return {
    names: new Set(rows.map(([name]) => name)),
    changed: new Map(rows.filter(([, , changed]) => changed).map(([name, value]) => [name, value])),
  };
}

/**
 * Makes a connection one that only reads. The role is what refuses: settings can be argued with in
 * a subquery, grants cannot. `readonly=2` lets a query bring its own settings, as Grafana does.
 */
async function restrict(reader: EngineConnection, limits: EngineLimits): Promise<void> {
  await reader.setUp('SET ROLE NONE');
  await reader.setBaseline({
    max_execution_time: String(limits.readSecondsDefault),
    max_result_bytes: String(limits.resultBytesMax),
    result_overflow_mode: 'throw',
    readonly: '2',
  });
}
