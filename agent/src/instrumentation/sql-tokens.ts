// Splits SQL into tokens, as far as it takes to tell literals from names. PostgreSQL's rules, MySQL's quotes too.

/** `literal` stands for any value; `word` is a keyword or name, with its quotes if it had any. */
export interface Token {
  type: 'word' | 'literal' | 'symbol';
  text: string;
  /** How many parentheses are open around it. */
  depth: number;
  /** Whether white space or a comment stood before it. */
  spaced: boolean;
}

const SPACE = /[\s\0]+/y;
const LINE_COMMENT = /--[^\n]*/y;
const BLOCK_OPEN_OR_CLOSE = /\/\*|\*\//g;
const DOLLAR_TAG = /\$(?:[A-Za-z_\x80-\uffff][\w\x80-\uffff]*)?\$/y;
const PARAMETER = /\$\d+|:[A-Za-z_]\w*|\?/y;
const NUMBER = /0[xXoObB][\da-fA-F_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?/y;
const PREFIXED_STRING = /(?:[eE]|[bB]|[xX]|[nN]|[uU]&)(?=')/y;
const WORD = /[A-Za-z_\x80-\uffff][\w$\x80-\uffff]*/y;
const CAST = /::/y;

/** Reads `sql` from its beginning; what is not understood passes as single symbols. */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let depth = 0;
  let spaced = false;
  while (at < sql.length) {
    const blank = blankEnd(sql, at);
    if (blank > at) {
      at = blank;
      spaced = true;
      continue;
    }
    const end = literalEnd(sql, at);
    if (end > at) {
      tokens.push({ type: 'literal', text: '?', depth, spaced });
      at = end;
    } else {
      const text = wordAt(sql, at) || symbolAt(sql, at);
      if (text === ')') depth--;
      const type = isWordStart(text) ? 'word' : 'symbol';
      tokens.push({ type, text, depth, spaced });
      if (text === '(') depth++;
      at += text.length;
    }
    spaced = false;
  }
  return tokens;
}

function blankEnd(sql: string, at: number): number {
  const end = matchEnd(SPACE, sql, at) || matchEnd(LINE_COMMENT, sql, at);
  if (end > 0) return end;
  return sql.startsWith('/*', at) ? blockCommentEnd(sql, at) : at;
}

/** PostgreSQL's block comments nest. */
function blockCommentEnd(sql: string, at: number): number {
  let open = 0;
  BLOCK_OPEN_OR_CLOSE.lastIndex = at;
  for (let match = BLOCK_OPEN_OR_CLOSE.exec(sql); match; match = BLOCK_OPEN_OR_CLOSE.exec(sql)) {
    open += match[0] === '/*' ? 1 : -1;
    if (open === 0) return BLOCK_OPEN_OR_CLOSE.lastIndex;
  }
  return sql.length;
}

function literalEnd(sql: string, at: number): number {
  const prefixEnd = matchEnd(PREFIXED_STRING, sql, at);
  if (prefixEnd > 0) return quotedEnd(sql, prefixEnd, /[eE]/.test(sql[at] as string));
  if (sql[at] === "'") return quotedEnd(sql, at, false);
  const tagEnd = matchEnd(DOLLAR_TAG, sql, at);
  if (tagEnd > 0) {
    const tag = sql.slice(at, tagEnd);
    const close = sql.indexOf(tag, tagEnd);
    return close === -1 ? sql.length : close + tag.length;
  }
  return matchEnd(NUMBER, sql, at) || at;
}

/** The end of a string that opens at `open`; a doubled quote stands for itself, and in E'' a backslash escapes. */
function quotedEnd(sql: string, open: number, hasEscapes: boolean): number {
  const quote = sql[open] as string;
  for (let i = open + 1; i < sql.length; i++) {
    if (hasEscapes && sql[i] === '\\') i++;
    else if (sql[i] === quote) {
      if (sql[i + 1] !== quote) return i + 1;
      i++;
    }
  }
  return sql.length;
}

function wordAt(sql: string, at: number): string {
  const first = sql[at];
  if (first === '"' || first === '`') return sql.slice(at, quotedEnd(sql, at, false));
  const end = matchEnd(WORD, sql, at);
  return sql.slice(at, end || at);
}

function symbolAt(sql: string, at: number): string {
  const end = matchEnd(CAST, sql, at) || matchEnd(PARAMETER, sql, at);
  return sql.slice(at, end || at + 1);
}

function isWordStart(text: string): boolean {
  return /^[A-Za-z_"`\x80-\uffff]/.test(text);
}

/** Where a sticky pattern that matches at `at` ends; 0 where it does not match. */
function matchEnd(pattern: RegExp, sql: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(sql) ? pattern.lastIndex : 0;
}
