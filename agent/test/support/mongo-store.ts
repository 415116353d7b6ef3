// The documents and cursors of the small MongoDB that the tests bring along, and its commands.

import { BSON } from 'mongodb';

const BATCH_SIZE = 101;
const DUPLICATE_KEY = 11_000;

/** Any document. */
export type MongoDocument = Record<string, unknown>;

interface Cursor {
  ns: string;
  rest: MongoDocument[];
}

/** Filters compare for equality, updates know `$set`, pipelines `$match` and a `$group` that counts. */
export class MongoStore {
  readonly #collections = new Map<string, MongoDocument[]>();
  readonly #cursors = new Map<string, Cursor>();
  #lastCursor = 0;

  /** Runs a command and returns the server's answer. */
  run(command: MongoDocument): MongoDocument {
    const [name = ''] = Object.keys(command);
    const ns = `${command.$db}.${command[name]}`;
    switch (name) {
      case 'ping':
      case 'endSessions':
      case 'killCursors':
        return { ok: 1 };
      case 'insert':
        return this.#insert(ns, command.documents as MongoDocument[]);
      case 'find':
        return this.#open(ns, this.#find(ns, command.filter), command);
      case 'getMore':
        return this.#more(command);
      case 'update':
        return this.#update(ns, command.updates as { q: MongoDocument; u: MongoDocument }[]);
      case 'delete':
        return this.#delete(ns, command.deletes as { q: MongoDocument; limit: number }[]);
      case 'aggregate':
        return this.#aggregate(ns, command);
      default:
        return failure(59, 'CommandNotFound', `no such command: '${name}'`);
    }
  }

  #of(ns: string): MongoDocument[] {
    const known = this.#collections.get(ns) ?? [];
    this.#collections.set(ns, known);
    return known;
  }

  #find(ns: string, filter: unknown): MongoDocument[] {
    return this.#of(ns).filter((document) => matches(document, (filter ?? {}) as MongoDocument));
  }

  #insert(ns: string, documents: MongoDocument[]): MongoDocument {
    const writeErrors: MongoDocument[] = [];
    for (const [index, document] of documents.entries()) {
      const isThere = this.#find(ns, { _id: document._id }).length > 0;
      const errmsg = `E11000 duplicate key error collection: ${ns} index: _id_`;
      if (isThere) writeErrors.push({ index, code: DUPLICATE_KEY, errmsg });
      else this.#of(ns).push(document);
    }
    const n = documents.length - writeErrors.length;
    return { n, ...(writeErrors.length > 0 ? { writeErrors } : {}), ok: 1 };
  }

  #open(ns: string, all: MongoDocument[], options: MongoDocument): MongoDocument {
    const found = all.slice(0, Number(options.limit ?? 0) || all.length);
    const isOneBatch = options.singleBatch === true || Number(options.limit ?? 0) === 1;
    const firstBatch = found.slice(0, Number(options.batchSize ?? BATCH_SIZE));
    const rest = isOneBatch ? [] : found.slice(firstBatch.length);
    if (rest.length === 0) return { cursor: { id: BSON.Long.ZERO, ns, firstBatch }, ok: 1 };
    const id = ++this.#lastCursor;
    this.#cursors.set(String(id), { ns, rest });
    return { cursor: { id: BSON.Long.fromNumber(id), ns, firstBatch }, ok: 1 };
  }

  #more(command: MongoDocument): MongoDocument {
    const key = String(command.getMore);
    const cursor = this.#cursors.get(key);
    if (cursor === undefined) return failure(43, 'CursorNotFound', `cursor id ${key} not found`);
    const nextBatch = cursor.rest.splice(0, Number(command.batchSize ?? BATCH_SIZE));
    const isOver = cursor.rest.length === 0;
    if (isOver) this.#cursors.delete(key);
    const id = isOver ? BSON.Long.ZERO : BSON.Long.fromString(key);
    return { cursor: { id, ns: cursor.ns, nextBatch }, ok: 1 };
  }

  #update(ns: string, updates: { q: MongoDocument; u: MongoDocument }[]): MongoDocument {
    let n = 0;
    for (const { q, u } of updates) {
      const [found] = this.#find(ns, q);
      if (found === undefined) continue;
      Object.assign(found, u.$set);
      n++;
    }
    return { n, nModified: n, ok: 1 };
  }

  #delete(ns: string, deletes: { q: MongoDocument; limit: number }[]): MongoDocument {
    let n = 0;
    for (const { q, limit } of deletes) {
      const gone = new Set(this.#find(ns, q).slice(0, limit || undefined));
      const kept = this.#of(ns).filter((document) => !gone.has(document));
      this.#collections.set(ns, kept);
      n += gone.size;
    }
    return { n, ok: 1 };
  }

  #aggregate(ns: string, command: MongoDocument): MongoDocument {
    let documents = this.#of(ns);
    for (const stage of command.pipeline as MongoDocument[]) {
      const [kind = ''] = Object.keys(stage);
      if (kind === '$match') {
        documents = documents.filter((each) => matches(each, stage.$match as MongoDocument));
      } else if (kind === '$group') documents = [{ _id: 1, n: documents.length }];
      else return failure(40324, 'Location40324', `Unrecognized pipeline stage name: '${kind}'`);
    }
    return this.#open(ns, documents, (command.cursor ?? {}) as MongoDocument);
  }
}

function matches(document: MongoDocument, filter: MongoDocument): boolean {
  return Object.entries(filter).every(([key, value]) => {
    return JSON.stringify(document[key]) === JSON.stringify(value);
  });
}

function failure(code: number, codeName: string, errmsg: string): MongoDocument {
  return { ok: 0, errmsg, code, codeName };
}
