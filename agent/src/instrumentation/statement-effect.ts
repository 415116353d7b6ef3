// Tells statements that read from those that change something, by their first word.

/** `control` is what goes along with statements, such as the beginning of a transaction. */
export type Effect = 'read' | 'write' | 'control';

/** Of SQL, MongoDB and Redis. What is not known is taken to write. */
const READS: ReadonlySet<string> = new Set([
  'SELECT',
  ...['FIND', 'AGGREGATE', 'COUNT', 'DISTINCT'],
  ...['GET', 'MGET', 'GETRANGE', 'STRLEN', 'EXISTS', 'TTL', 'PTTL', 'TYPE', 'KEYS', 'SCAN'],
  ...['HGET', 'HMGET', 'HGETALL', 'HEXISTS', 'HKEYS', 'HVALS', 'HLEN', 'HSCAN'],
  ...['SMEMBERS', 'SISMEMBER', 'SMISMEMBER', 'SCARD', 'SINTER', 'SUNION', 'SDIFF', 'SSCAN'],
  ...['LRANGE', 'LINDEX', 'LLEN', 'ZRANGE', 'ZREVRANGE', 'ZRANGEBYSCORE', 'ZSCORE', 'ZMSCORE'],
  ...['ZRANK', 'ZREVRANK', 'ZCARD', 'ZCOUNT', 'ZSCAN', 'GETBIT', 'BITCOUNT', 'PFCOUNT'],
]);
const CONTROLS: ReadonlySet<string> = new Set([
  ...[
    'BEGIN',
    'START',
    'COMMIT',
    'END',
    'ROLLBACK',
    'ABORT',
    'SAVEPOINT',
    'RELEASE',
    'SET',
    'SHOW',
  ],
  ...['USE', 'DISCARD', 'RESET', 'PREPARE', 'DEALLOCATE', 'LISTEN', 'UNLISTEN', 'GETMORE'],
  ...['MULTI', 'EXEC', 'WATCH', 'UNWATCH', 'PING', 'AUTH', 'HELLO', 'CLIENT', 'INFO', 'SUBSCRIBE'],
]);

/** @param operation as a statement has it: `SELECT`, `find`, `get`, `MULTI get` */
export function effectOf(operation: string): Effect {
  const word = operation.slice(operation.lastIndexOf(' ') + 1).toUpperCase();
  if (READS.has(word)) return 'read';
  return CONTROLS.has(word) ? 'control' : 'write';
}
