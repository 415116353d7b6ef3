// The table of intended differences between the agent's spans and those of OpenTelemetry's own instrumentations.

import {
  attributes,
  type Difference,
  eventValues,
  failures,
  isAny,
  isClient,
  isEntry,
  isInternal,
  names,
  spans,
  values,
} from './difference.js';
import type { SpanTree } from './span-tree.js';

const FRAMEWORKS = ['express', 'fastify', 'koa'];
const CALLERS = ['http client', 'fetch', 'undici'];
const FETCHES = ['fetch', 'undici'];
const SQL = ['pg', 'mysql2'];
const REDIS = ['ioredis', 'redis'];
const EVERYWHERE = [...FRAMEWORKS, 'http', ...CALLERS, ...SQL, ...REDIS];

const isPool = ({ name }: SpanTree): boolean =>
  name === 'pg-pool.connect' || name === 'pg.connect' || name === 'mysql2.getConnection';
const isTransactionOf = ({ name }: SpanTree): boolean => name === 'MULTI' || name === 'EXEC';
const wasAborted = ({ attributes: all }: SpanTree): boolean => all['url.path'] === '/slow';

/** Every difference that is not stated here is a failure, and so is a statement that has come to nothing. */
export const DIFFERENCES: readonly Difference[] = [
  {
    where: EVERYWHERE,
    agent: 'has attributes named venturi.*',
    sdk: 'has none',
    reason: 'They are what the product adds: what a request paid, fingerprints, parts of calls.',
    edits: [attributes('agent', isAny, /^venturi\./)],
  },
  {
    where: EVERYWHERE,
    agent: 'sends client.address alone',
    sdk: 'sends network.peer.address and network.peer.port of the caller too',
    reason: 'The address is the same, and the port is another for each connection.',
    edits: [attributes('sdk', isEntry, /^network\.peer\./)],
  },
  {
    where: EVERYWHERE,
    agent: 'sends network.protocol.version of an entry where it is not 1.1',
    sdk: 'always sends it',
    reason: 'Nearly all entries would carry the same words.',
    edits: [attributes('sdk', isEntry, /^network\.protocol\.version$/)],
  },
  {
    where: [...CALLERS, ...SQL, ...REDIS],
    agent: 'sends code.*: the line of the application that made the call',
    sdk: 'does not',
    reason: 'A slow statement without its line still has to be searched for.',
    edits: [attributes('agent', isClient, /^code\./)],
  },
  {
    where: [...FRAMEWORKS, 'http'],
    agent: 'sets error.type on an entry that failed: the class thrown, else the status from 500 on',
    sdk: 'does not',
    reason: 'The semantic conventions for HTTP spans require it.',
    edits: [attributes('agent', isEntry, /^error\.type$/)],
  },
  {
    where: [...FRAMEWORKS, 'http'],
    agent: 'gives an aborted request no status',
    sdk: 'gives it the status that Node would have sent',
    reason: 'None was sent.',
    edits: [
      attributes(
        'sdk',
        (span) => isEntry(span) && wasAborted(span),
        /^http\.response\.status_code$/,
      ),
    ],
  },
  {
    where: FRAMEWORKS,
    agent: 'makes a span of a hook, middleware or handler only where that was slow',
    sdk: 'makes one of each',
    reason: 'They cost more than the request, and say that it took no time.',
    edits: [spans('sdk', isInternal)],
  },
  {
    where: FRAMEWORKS,
    agent: 'records what a handler threw on the entry',
    sdk: 'records it on the spans of handler and middleware',
    reason: 'The entry is what fails, and the handler has no span of its own.',
    edits: [failures('agent', isEntry)],
  },
  {
    where: [...FRAMEWORKS, 'http'],
    agent: 'leaves url.query out',
    sdk: 'sends it',
    reason: 'Tokens and names stand in queries.',
    edits: [attributes('sdk', isEntry, /^url\.query$/)],
  },
  {
    where: CALLERS,
    agent: 'leaves the query out of url.full',
    sdk: 'sends it',
    reason: 'Tokens and names stand in queries.',
    edits: [values(isClient, /^url\.full$/)],
  },
  {
    where: ['http client'],
    agent:
      'sets error.type of every call that failed, by status, by code of the error, or by class',
    sdk: 'sets it by class, and not by status',
    reason:
      'The semantic conventions require it; `Error` tells nothing that `ECONNREFUSED` does not.',
    edits: [
      attributes('agent', isClient, /^error\.type$/),
      attributes('sdk', isClient, /^error\.type$/),
    ],
  },
  {
    where: ['http client'],
    agent: 'sets exception.type to the class',
    sdk: 'sets it to the code',
    reason: 'The semantic conventions ask for the class; the code is in error.type.',
    edits: [eventValues(isClient, /^exception\.type$/)],
  },
  {
    where: CALLERS,
    agent: 'sends network.peer.* of calls that failed as well',
    sdk: 'sends them with an answer only',
    reason: 'Which address it was that refused is what one needs to know.',
    edits: [
      attributes('agent', (span) => isClient(span) && span.status !== 'unset', /^network\.peer\./),
      attributes('sdk', (span) => isClient(span) && span.status !== 'unset', /^network\.peer\./),
    ],
  },
  {
    where: FETCHES,
    agent: 'sends url.full alone',
    sdk: 'sends url.path, url.query, url.scheme, the original method and the own user agent too',
    reason: 'All of them stand in url.full and http.request.method, or are the same for all calls.',
    edits: [
      attributes(
        'sdk',
        isClient,
        /^(url\.(path|query|scheme)|http\.request\.method_original|user_agent\.original)$/,
      ),
    ],
  },
  {
    where: FETCHES,
    agent: 'calls an abort by the name of its error',
    sdk: 'calls it by its legacy number, 23',
    reason: 'The number says nothing.',
    edits: [values(isClient, /^error\.type$/), eventValues(isClient, /^exception\.type$/)],
  },
  {
    where: SQL,
    agent: 'sends the statement without literals',
    sdk: 'sends it as it is',
    reason: 'Literals are the data of users.',
    edits: [values(isClient, /^db\.query\.text$/)],
  },
  {
    where: SQL,
    agent:
      'names a statement by operation and table, and sends db.operation.name and db.collection.name',
    sdk: 'names it by operation, in pg by `pg.query:`, operation and database; sends neither',
    reason: 'The semantic conventions name it so.',
    edits: [
      names(isClient, ({ name }) => name.replace(/^pg\.query:(\S+) .*/, '$1').replace(/ .*/, '')),
      attributes('agent', isClient, /^db\.(operation|collection)\.name$/),
    ],
  },
  {
    where: SQL,
    agent: 'makes a span of a wait for a pooled connection where that took 1 ms or more',
    sdk: 'makes one of each in pg, beside one of each connection; none in mysql2',
    reason: 'Of an idle connection there is nothing to tell.',
    edits: [spans('agent', isPool), spans('sdk', isPool)],
  },
  {
    where: ['pg'],
    agent: 'names a prepared statement like any other',
    sdk: 'names it by its own name, which db.postgresql.plan has too',
    reason: 'The same statement must not have two names.',
    edits: [
      attributes('sdk', isClient, /^db\.postgresql\.plan$/),
      names(
        ({ name }) => name.includes('by-name'),
        () => 'SELECT',
      ),
    ],
  },
  {
    where: SQL,
    agent: 'records the error of a statement with its message, and its code as error.type',
    sdk: 'records in pg an error without its message, in mysql2 none',
    reason: 'Which table was missing is what one wants to know; the status says it anyway.',
    edits: [
      attributes('agent', isClient, /^error\.type$/),
      failures('agent', isClient),
      failures('sdk', isClient),
    ],
  },
  {
    where: REDIS,
    agent: 'sends the command without its arguments',
    sdk: 'sends the key',
    reason: 'Keys carry identifiers of users, and each would be a statement of its own.',
    edits: [values(isClient, /^db\.query\.text$/)],
  },
  {
    where: REDIS,
    agent: 'sends db.namespace, the number of the database, and error.type',
    sdk: 'sends neither',
    reason: 'The semantic conventions ask for both.',
    edits: [attributes('agent', isClient, /^(db\.namespace|error\.type)$/)],
  },
  {
    where: ['redis'],
    agent: 'names a command as it is',
    sdk: 'puts `redis-` before it',
    reason: 'The semantic conventions name it so, and so does ioredis.',
    edits: [names(isClient, ({ name }) => name.replace(/^redis-/, ''))],
  },
  {
    where: ['redis'],
    agent: 'has spans of MULTI and EXEC, and names a command between them `MULTI GET`',
    sdk: 'has none of the two, and names the first or all commands of them MULTI',
    reason: 'They are sent, and wait like any other command.',
    edits: [
      spans('agent', isTransactionOf),
      values(
        ({ attributes: all }) => /^MULTI/.test(String(all['db.operation.name'])),
        /^db\.operation\.name$/,
      ),
    ],
  },
];
