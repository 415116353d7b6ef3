// Takes a statement to the connection that may run it: reading ones to a reader, everything else, with the key, to the writer.
import { Readable } from 'node:stream';
import type { Session } from 'chdb';
import { quoteString } from '../clickhouse/sql-tokens.js';
import type { OpenEngine } from './chdb.js';
import {
  cancelStatement,
  type EngineConnection,
  type Statement,
  type StatementResult,
} from './connection.js';
import { spoolFile, withBodyFile } from './data-files.js';
import { exception } from './exception.js';
import { helloAnswer } from './hello.js';
import { Lane } from './lane.js';
import type { EngineLimits } from './messages.js';
import { type EngineRequest, readAll, readHead } from './request.js';
import {
  answerFormat,
  type InsertParts,
  insertFromFile,
  insertParts,
  refuseConnectionChange,
  refuseFileFunctions,
  refuseSeveral,
} from './statement.js';

export interface Answer extends StatementResult {
  format: string;
}

export interface Caller {
  /** True where the caller has shown the key. */
  mayWrite: boolean;
  /** Aborts when the client is gone. */
  signal: AbortSignal;
}

/** More of a body than this is not looked at to find where an INSERT's statement ends. */
const insertHeadBytes = 64 * 1024;

export class Executor {
  readonly #engine: OpenEngine;
  readonly #dataDir: string;
  readonly #limits: EngineLimits;
  readonly #readers: Lane<EngineConnection>;
  readonly #writer: Lane<EngineConnection>;
  readonly #running = new Set<string>();

  constructor(engine: OpenEngine, dataDir: string, limits: EngineLimits) {
    this.#engine = engine;
    this.#dataDir = dataDir;
    this.#limits = limits;
    this.#readers = new Lane(engine.readers, limits);
    this.#writer = new Lane([engine.writer], limits);
  }

  /** Runs what a request asks for. Throws an EngineException. */
  async execute(request: EngineRequest, caller: Caller): Promise<Answer> {
    const insert = request.query === '' ? undefined : insertParts(request.query);
    if (insert) return await this.#insert({ request, caller, parts: insert, data: request.body });
    if (request.query !== '') {
      const body = await readAll(request.body, this.#limits.statementBytesMax);
      const sql = body.length === 0 ? request.query : `${request.query}\n${body.toString('utf8')}`;
      return await this.#statement(sql, request, caller);
    }
    return await this.#fromBody(request, caller);
  }

  /** Asks ClickHouse to stop every statement that reads, and waits until nothing runs. */
  async drain(): Promise<void> {
    await Promise.all([...this.#running].map((id) => cancel(this.#engine.control, id)));
    await Promise.all([this.#readers.idle(), this.#writer.idle()]);
  }

  /** The statement is in the body; if it is an INSERT, its data follow it there. */
  async #fromBody(request: EngineRequest, caller: Caller): Promise<Answer> {
    const { head, rest, ended } = await readHead(request.body, insertHeadBytes);
    // As latin1, an offset into the text is an offset into the bytes.
    const parts = insertParts(head.toString('latin1'));
    if (!parts) {
      const room = this.#limits.statementBytesMax - head.length;
      const tail = ended ? Buffer.alloc(0) : await readAll(rest, Math.max(0, room));
      return await this.#statement(Buffer.concat([head, tail]).toString('utf8'), request, caller);
    }
    const inline = head.subarray(parts.dataStart);
    const asUtf8 = (text: string): string => Buffer.from(text, 'latin1').toString('utf8');
    return await this.#insert({
      request,
      caller,
      parts: { ...parts, head: asUtf8(parts.head), tail: asUtf8(parts.tail) },
      data: Readable.from(joined(inline, rest), { objectMode: false }),
    });
  }

  async #statement(sql: string, request: EngineRequest, caller: Caller): Promise<Answer> {
    const { clientProtocolVersion: protocolVersion } = request;
    const hello = helloAnswer(sql, { protocolVersion, version: this.#engine.version });
    if (hello) return { bytes: hello, format: 'Native', rowsRead: 1, bytesRead: 1, elapsed: 0 };
    if (sql.trim() === '') throw exception(62, 'Syntax error: Empty query');
    const judgement = await this.#engine.parser.judge(sql);
    if (!judgement.parsed) return await this.#explainSyntax(sql, request, caller);
    refuseSeveral(judgement);
    refuseConnectionChange(sql);
    if (judgement.readsOnly) {
      refuseFileFunctions(sql, request.params);
      return await this.#run(this.#readers, sql, { request, caller });
    }
    if (!caller.mayWrite) throw exception(164, 'Only statements that read are taken here');
    return await this.#run(this.#writer, sql, { request, caller });
  }

  /**
   * What the parser does not understand is never run, since of several statements the first ones
   * might. formatQuery() only parses, and throws ClickHouse's own words on where it stopped.
   */
  async #explainSyntax(sql: string, request: EngineRequest, caller: Caller): Promise<Answer> {
    const question = `SELECT formatQuery(${quoteString(sql)}) FORMAT Null`;
    await this.#run(this.#readers, question, { request, caller });
    throw exception(62, 'Syntax error: this is no single statement');
  }

  async #insert(insert: {
    request: EngineRequest;
    caller: Caller;
    parts: InsertParts;
    data: Readable;
  }): Promise<Answer> {
    const { request, caller, parts } = insert;
    if (!caller.mayWrite) throw exception(164, 'Only statements that read are taken here');
    const run = async (path: string): Promise<Answer> =>
      await this.#run(this.#writer, insertFromFile(parts, path), { request, caller });
    if (request.file !== '') {
      const path = await spoolFile(this.#dataDir, request.file);
      return await run(path);
    }
    const body = {
      dataDir: this.#dataDir,
      source: insert.data,
      bytesMax: this.#limits.insertBytesMax,
    };
    return await withBodyFile(body, run);
  }

  async #run(
    lane: Lane<EngineConnection>,
    sql: string,
    from: { request: EngineRequest; caller: Caller },
  ): Promise<Answer> {
    const { request, caller } = from;
    const statement: Statement = {
      sql,
      format: request.defaultFormat,
      database: request.database,
      settings: request.settings,
      params: request.params,
      id: request.queryId,
    };
    const format = answerFormat(sql, request.defaultFormat);
    return await lane.use(caller.signal, async (connection) => {
      const reads = lane === this.#readers;
      const onGone = (): void => void cancel(this.#engine.control, statement.id);
      // An INSERT whose client is gone is let finish: cancelling it would only leave the question open.
      if (reads) caller.signal.addEventListener('abort', onGone, { once: true });
      if (reads) this.#running.add(statement.id);
      try {
        return { ...(await connection.run(statement)), format };
      } finally {
        caller.signal.removeEventListener('abort', onGone);
        this.#running.delete(statement.id);
      }
    });
  }
}

async function* joined(first: Buffer, rest: Readable): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first;
  yield* rest as AsyncIterable<Buffer>;
}

async function cancel(control: Session, id: string): Promise<void> {
  await cancelStatement(control, id).catch(() => undefined);
}
