// ClickHouse's own parser decides what a statement is: a list of keywords would not see through WITH or EXPLAIN.
import { nodeEngineFactory } from 'chdb/durable/node';

export interface Judgement {
  statements: number;
  /** True where every statement only reads: SELECT, SHOW, DESCRIBE, EXISTS, EXPLAIN, and without INTO OUTFILE. */
  readsOnly: boolean;
  /** True where the parser understood the text. */
  parsed: boolean;
}

export interface Parser {
  judge(sql: string): Promise<Judgement>;
  close(): Promise<void>;
}

const readOnlyClass = 0;
const unknownClass = 4;

/** Opens a connection for judging statements on a folder that this process has opened before. */
export async function openParser(folder: string): Promise<Parser> {
  const adapter = await nodeEngineFactory()();
  await adapter.start({ dataPath: folder, backupsAllowedPath: folder });
  // One native call at a time: a connection does one thing at once.
  let last: Promise<unknown> = Promise.resolve();
  return {
    judge(sql) {
      const analysis = last.then(() => adapter.analyze(sql, 'venturi'));
      last = analysis.catch(() => undefined);
      return analysis.then(({ statementCount, queryClass }) => ({
        statements: statementCount,
        readsOnly: queryClass === readOnlyClass,
        parsed: queryClass !== unknownClass,
      }));
    },
    close: () => adapter.close(),
  };
}
