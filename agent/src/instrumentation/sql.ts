// Takes the values out of SQL and finds out what a statement does to which table.

import { createHash } from 'node:crypto';
import { ATTR } from '../otlp/names.js';
import { encodeHeading } from '../otlp/span.js';
import { CallSiteGate } from './call-site.js';
import { type Dialect, type Token, tokenize } from './sql-tokens.js';
import { type Effect, effectOf } from './statement-effect.js';

const STATEMENTS_MAX = 1000;
const CACHED_CHARS_MAX = 16_384;
const TEXT_CHARS_MAX = 4096;
const OPERATIONS: ReadonlySet<string> = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE']);
/** What may stand between such a word and the name. */
const SKIPPED: ReadonlySet<string> = new Set(['ONLY', 'LATERAL', 'IF', 'NOT', 'EXISTS']);
/** What else MySQL lets stand there. In PostgreSQL these are names like any other. */
const SKIPPED_MYSQL: ReadonlySet<string> = new Set([
  ...SKIPPED,
  ...['IGNORE', 'LOW_PRIORITY', 'HIGH_PRIORITY', 'DELAYED', 'QUICK', 'TABLE'],
]);
/** An UPDATE behind these names no table: `FOR UPDATE`, `DO UPDATE`, `ON DUPLICATE KEY UPDATE`. */
const NOT_BEFORE_NAME: ReadonlySet<string | undefined> = new Set(['FOR', 'DO', 'KEY', '.']);
const NAME_AFTER: ReadonlySet<string> = new Set(['FROM', 'INTO', 'UPDATE', 'TABLE']);

const FINGERPRINT_DIGITS = 16;

/** What is known of a statement by its text. */
export interface Statement {
  /** Another for each text, in this process. */
  id: number;
  effect: Effect;
  /** Whether it has neither values in its text nor places for them. */
  takesNothing: boolean;
  /** Whether a connection takes the next one before this was answered. */
  isPipelined: boolean;
  /** Without literals and comments, white space collapsed. */
  text: string;
  /** The first keyword in capitals; behind WITH, that of the main query. */
  operation: string;
  /** The table, with its schema where it was given, or ''. */
  collection: string;
  /** The span's name: `SELECT products`. */
  spanName: string;
  gate: CallSiteGate;
  /** 16 hex digits: the upper 64 bits of the SHA-256 of the text, before that was cut. */
  fingerprint: string;
  /** Span name, text, fingerprint, operation and table, encoded. */
  heading: Uint8Array;
}

let latestId = 0;

const statements: Record<Dialect, Map<string, Statement>> = {
  postgresql: new Map(),
  mysql: new Map(),
};

/** Looks a statement up, or reads it. The text with its literals is kept nowhere but as the key of this cache. */
export function statementOf(sql: string, dialect: Dialect = 'postgresql'): Statement {
  const cache = statements[dialect];
  const known = cache.get(sql);
  if (known !== undefined) return known;
  const statement = readStatement(sql, dialect);
  if (sql.length <= CACHED_CHARS_MAX) {
    if (cache.size >= STATEMENTS_MAX) cache.clear();
    cache.set(sql, statement);
  }
  return statement;
}

function readStatement(sql: string, dialect: Dialect): Statement {
  const read = sql.length > CACHED_CHARS_MAX ? sql.slice(0, CACHED_CHARS_MAX) : sql;
  const tokens = tokenize(read, dialect);
  const operation = operationOf(tokens);
  const collection = operation === '' ? '' : collectionOf(tokens, dialect);
  return describeStatement({ text: collapseLists(render(tokens)), operation, collection });
}

/** What was read of a statement. */
export interface StatementParts {
  /** Without values, of any length. */
  text: string;
  operation: string;
  collection: string;
  /** Operation and collection where it is left out. */
  spanName?: string;
  isPipelined?: boolean;
}

/** Puts together what all executions of a statement have in common. */
export function describeStatement(parts: StatementParts): Statement {
  const { text, operation, collection, isPipelined = false } = parts;
  const fingerprint = fingerprintOf(text);
  const cut = text.slice(0, TEXT_CHARS_MAX);
  const spanName = parts.spanName ?? (`${operation} ${collection}`.trim() || 'query');
  const heading = encodeHeading(spanName, [
    ATTR.dbQueryText,
    cut,
    ATTR.dbFingerprint,
    fingerprint,
    ...(operation === '' ? [] : [ATTR.dbOperation, operation]),
    ...(collection === '' ? [] : [ATTR.dbCollection, collection]),
  ]);
  const gate = new CallSiteGate();
  const effect = effectOf(operation);
  const takesNothing = !/\?|\$\d/.test(text);
  const id = ++latestId;
  return {
    id,
    effect,
    takesNothing,
    isPipelined,
    text: cut,
    operation,
    collection,
    spanName,
    gate,
    fingerprint,
    heading,
  };
}

function fingerprintOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, FINGERPRINT_DIGITS);
}

function render(tokens: readonly Token[]): string {
  let text = '';
  for (const token of tokens) {
    text += token.spaced && text !== '' ? ` ${token.text}` : token.text;
  }
  return text;
}

/** Lists of values differ in length from call to call and would make one statement look like many. */
function collapseLists(text: string): string {
  return text
    .replace(/\bIN ?\( ?(?:\?|\$\d+)(?: ?, ?(?:\?|\$\d+))+ ?\)/gi, 'IN (?)')
    .replace(/\bVALUES ?(\([^()]*\))(?: ?, ?\([^()]*\))+/gi, 'VALUES $1');
}

function operationOf(tokens: readonly Token[]): string {
  const first = tokens.find(({ type }) => type === 'word')?.text.toUpperCase() ?? '';
  if (first !== 'WITH') return first;
  const main = tokens.find(
    (token) => token.depth === 0 && OPERATIONS.has(token.text.toUpperCase()),
  );
  return main?.text.toUpperCase() ?? first;
}

/** The table of the outermost FROM, INTO or UPDATE; of an inner one where that reads from a subquery. */
function collectionOf(tokens: readonly Token[], dialect: Dialect): string {
  const skipped = dialect === 'mysql' ? SKIPPED_MYSQL : SKIPPED;
  let inner = '';
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] as Token;
    if (!NAME_AFTER.has(token.text.toUpperCase()) || token.type !== 'word') continue;
    if (NOT_BEFORE_NAME.has(tokens[i - 1]?.text.toUpperCase())) continue;
    const name = nameAt(tokens, i + 1, skipped);
    if (name === '') continue;
    if (token.depth === 0) return name;
    if (inner === '') inner = name;
  }
  return inner;
}

/** A name such as `shop.products`, unless it turns out to be a function. */
function nameAt(tokens: readonly Token[], from: number, skipped: ReadonlySet<string>): string {
  let i = from;
  while (skipped.has(tokens[i]?.text.toUpperCase() ?? '')) i++;
  let name = '';
  while (tokens[i]?.type === 'word') {
    name += unquote((tokens[i] as Token).text);
    if (tokens[i + 1]?.text !== '.') break;
    name += '.';
    i += 2;
  }
  const next = tokens[i + 1];
  // `INSERT INTO t(a)` is a table and `FROM f(a)` a function.
  const isCall = next?.text === '(' && tokens[from - 1]?.text.toUpperCase() === 'FROM';
  return isCall ? '' : name;
}

function unquote(name: string): string {
  return /^["`]/.test(name) ? name.slice(1, -1) : name;
}
