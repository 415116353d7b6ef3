// What a request asks for: which connection it may have, in which format it is answered, and where an INSERT's data lie.
import { isKeyword, quoteString, type Token, tokensOf } from '../clickhouse/sql-tokens.js';
import { exception } from './exception.js';
import type { Judgement } from './parser.js';

/** Functions that read files of this machine and that no grant refuses. */
const FILE_FUNCTIONS: ReadonlySet<string> = new Set(['file', 'catboostEvaluate']);
const fileFunctionHint = /file|catboostEvaluate|\\/;

/** Statements that change the connection rather than the data, and would be found by its next user. */
const CONNECTION_KEYWORDS = ['SET', 'USE', 'EXECUTE', 'BEGIN', 'COMMIT', 'ROLLBACK'];

/** Throws what ClickHouse would throw where a text is no single statement. */
export function refuseSeveral(judgement: Judgement): void {
  if (judgement.statements > 1) {
    throw exception(62, 'Syntax error: Multi-statements are not allowed');
  }
}

/** Throws where a statement would change the connection: settings belong into the URL. */
export function refuseConnectionChange(sql: string): void {
  const first = tokensOf(sql)[0];
  if (CONNECTION_KEYWORDS.some((keyword) => isKeyword(first, keyword))) {
    throw exception(
      344,
      'Connections are shared here: give settings, database and parameters as URL parameters',
    );
  }
}

/** Words after which a bare name is a column, since a function's name is only looked for before its arguments. */
const BEFORE_COLUMN: ReadonlySet<string> = new Set([
  ...['SELECT', 'DISTINCT', 'BY', 'WHERE', 'PREWHERE', 'HAVING', 'AND', 'OR', 'NOT', 'ON'],
  ...['USING', 'WHEN', 'THEN', 'ELSE', 'IN', 'AS'],
]);

/**
 * Throws where a statement that reads uses a function that reads files. Grants do not cover it, so
 * this looks at names. A column may have such a name, but not where a function's name could stand:
 * before a bracket, behind APPLY, or as the first of several arguments, as in `arrayMap(file, x)`.
 * Where the word appears in a text that the lexer is not sure of, the text is refused.
 */
export function refuseFileFunctions(sql: string, params: ReadonlyMap<string, string>): void {
  const byParameter = [...params.values()].some((value) => fileFunctionHint.test(value));
  if (byParameter && /Identifier/.test(sql)) throw fileFunction();
  if (!fileFunctionHint.test(sql)) return;
  const tokens = tokensOf(sql);
  tokens.forEach((token, i) => {
    if (token.kind === 'odd') throw fileFunction();
    if (token.kind === 'identifier' && token.text.includes('\\')) throw fileFunction();
    const isName = token.kind === 'word' || token.kind === 'identifier';
    if (isName && FILE_FUNCTIONS.has(token.text) && !isColumn(tokens, i)) throw fileFunction();
  });
}

/** True where the name at `i` cannot be that of a function. */
function isColumn(tokens: readonly Token[], i: number): boolean {
  const [before, previous, next] = [tokens[i - 2], tokens[i - 1], tokens[i + 1]];
  if (previous === undefined || isMark(next, '(')) return false;
  if (isMark(previous, '.') || isMark(previous, ',')) return true;
  if (previous.kind === 'word') return BEFORE_COLUMN.has(previous.text.toUpperCase());
  // The only argument of a call, as in any(file).
  const isOnly = isMark(previous, '(') && isMark(next, ')');
  return isOnly && before?.kind === 'word' && !isKeyword(before, 'APPLY');
}

function isMark(token: Token | undefined, text: string): boolean {
  return token?.kind === 'mark' && token.text === text;
}

function fileFunction(): Error {
  return exception(
    497,
    'The function file() reads files of this machine and is refused; write a column of that name as t.file',
  );
}

/** The format that the answer of a statement will have: its FORMAT clause, or what the request asked for. */
export function answerFormat(sql: string, requested: string): string {
  const tokens = tokensOf(sql);
  for (let i = tokens.length - 2; i >= 0; i -= 1) {
    const name = tokens[i + 1];
    if (isKeyword(tokens[i], 'FORMAT') && name?.kind === 'word') return name.text;
  }
  return requested;
}

export interface InsertParts {
  /** The statement up to where `FROM INFILE` goes. */
  head: string;
  /** SETTINGS and FORMAT. */
  tail: string;
  /** Offset in the text at which inline data begin. */
  dataStart: number;
}

/**
 * Takes an INSERT with a FORMAT clause apart, as in `INSERT INTO t (a) SETTINGS x = 1 FORMAT Native`;
 * undefined where the text is another statement. Only the statement is lexed, never its data.
 */
export function insertParts(text: string): InsertParts | undefined {
  // Where the data begin, tokens stop to mean something; none of them is looked at.
  const tokens = tokensOf(text);
  if (!isKeyword(tokens[0], 'INSERT')) return undefined;
  const at = tokens.findIndex((token, i) => isFormat(token) && tokens[i + 1]?.kind === 'word');
  const name = tokens[at + 1];
  if (at < 0 || name === undefined) return undefined;
  const before = tokens.slice(0, at);
  if (before.some((token) => WITHOUT_DATA.some((word) => isKeyword(token, word)))) return undefined;
  const settings = before.find((token) => isKeyword(token, 'SETTINGS'));
  const cut = (settings ?? tokens[at])?.start ?? 0;
  // ClickHouse skips the white space after the format's name up to and with one line end.
  const gap = /^[ \t]*;?[ \t]*\r?\n?/.exec(text.slice(name.end, name.end + 100))?.[0] ?? '';
  return {
    head: text.slice(0, cut),
    tail: text.slice(cut, name.end),
    dataStart: name.end + gap.length,
  };
}

/** Kinds of INSERT that bring their rows along or fetch them, and so have no data after the statement. */
const WITHOUT_DATA = ['SELECT', 'VALUES', 'WITH', 'WATCH', 'INFILE', 'FUNCTION'];

function isFormat(token: Token): boolean {
  return isKeyword(token, 'FORMAT');
}

/** The INSERT with its data in a file. `path` is relative to the data folder and free of glob characters. */
export function insertFromFile(parts: InsertParts, path: string): string {
  return `${parts.head} FROM INFILE ${quoteString(path)} COMPRESSION 'none' ${parts.tail}`;
}
