// Which attributes of a span have a column of their own, under their stable and their older names.
import { Slice } from '../columns/slice.js';

/** Kinds of spans (wire numbers) for which an older name means what the column means. */
const serverSide = [2, 5];
const clientSide = [3, 4];

interface Source {
  readonly key: string;
  readonly kinds?: readonly number[];
  /** Take the text before this character, as `http.target` is a path and a query. */
  readonly before?: string;
}

interface Promotion {
  readonly column: string;
  /** The stable name first; of several that a span has, the earliest in the list wins. */
  readonly sources: readonly Source[];
}

const from = (column: string, ...keys: Array<string | Source>): Promotion => ({
  column,
  sources: keys.map((key) => (typeof key === 'string' ? { key } : key)),
});

/** https://opentelemetry.io/docs/specs/semconv/ and its migration guides for HTTP, database and code. */
export const PROMOTIONS: readonly Promotion[] = [
  from('http_method', 'http.request.method', 'http.method'),
  from('http_route', 'http.route'),
  from('http_status', 'http.response.status_code', 'http.status_code'),
  from('url_path', 'url.path', { key: 'http.target', before: '?' }),
  from('url_full', 'url.full', 'http.url'),
  from(
    'server_address',
    'server.address',
    { key: 'net.peer.name', kinds: clientSide },
    { key: 'net.host.name', kinds: serverSide },
    'http.host',
  ),
  from(
    'server_port',
    'server.port',
    { key: 'net.peer.port', kinds: clientSide },
    { key: 'net.host.port', kinds: serverSide },
  ),
  from(
    'client_address',
    'client.address',
    'http.client_ip',
    { key: 'net.sock.peer.addr', kinds: serverSide },
    { key: 'net.peer.ip', kinds: serverSide },
  ),
  from('user_agent', 'user_agent.original', 'http.user_agent'),
  from('db_system', 'db.system.name', 'db.system'),
  from('db_namespace', 'db.namespace', 'db.name', 'db.redis.database_index'),
  from('db_operation', 'db.operation.name', 'db.operation'),
  from(
    'db_collection',
    'db.collection.name',
    'db.sql.table',
    'db.mongodb.collection',
    'db.cassandra.table',
  ),
  from('db_query', 'db.query.text', 'db.statement'),
  from('error_type', 'error.type'),
  from('code_function', 'code.function.name', 'code.function'),
  from('code_file', 'code.file.path', 'code.filepath'),
  from('code_line', 'code.line.number', 'code.lineno'),
  from('code_stack', 'code.stacktrace'),
  from('loop_busy_ms', 'venturi.loop_busy_ms'),
  from('loop_blocked_ms', 'venturi.loop_blocked_ms'),
  from('gc_ms', 'venturi.gc_ms'),
  from('pool_wait_ms', 'venturi.pool_wait_ms'),
  from('pool_hold_ms', 'venturi.pool_hold_ms'),
  from('db_count', 'venturi.db_count'),
  from('db_ms', 'venturi.db_ms'),
  from('out_count', 'venturi.out_count'),
  from('out_ms', 'venturi.out_ms'),
];

/** One name of an attribute, resolved. */
export interface PromotedKey {
  /** Place in PROMOTIONS. */
  readonly slot: number;
  /** 1 for the stable name, higher for older ones. */
  readonly rank: number;
  readonly kinds: readonly number[] | undefined;
  /** Byte to cut the text before, or -1. */
  readonly before: number;
  readonly bytes: Buffer;
}

const slotsOfTable = 512;
const table: Array<PromotedKey | undefined> = new Array(slotsOfTable).fill(undefined);

PROMOTIONS.forEach((promotion, slot) => {
  promotion.sources.forEach((source, index) => {
    const bytes = Buffer.from(source.key);
    let at = new Slice().whole(bytes).hash() & (slotsOfTable - 1);
    while (table[at] !== undefined) at = (at + 1) & (slotsOfTable - 1);
    const before = source.before === undefined ? -1 : source.before.charCodeAt(0);
    table[at] = { slot, rank: index + 1, kinds: source.kinds, before, bytes };
  });
});

/** Finds the column of an attribute key; `hash` is the key's `hash()`. */
export function findPromoted(key: Slice, hash: number): PromotedKey | undefined {
  for (let at = hash & (slotsOfTable - 1); ; at = (at + 1) & (slotsOfTable - 1)) {
    const entry = table[at];
    if (entry === undefined || equals(entry.bytes, key)) return entry;
  }
}

function equals(bytes: Buffer, key: Slice): boolean {
  if (bytes.length !== key.end - key.start) return false;
  for (let index = 0; index < bytes.length; index += 1) {
    if (bytes[index] !== key.source[key.start + index]) return false;
  }
  return true;
}
