// Splits SQL into tokens, as far as it takes to tell literals from names, by the rules of PostgreSQL or of MySQL.

/** Whose rules: what is a name in one is a string in the other. MariaDB keeps those of MySQL. */
export type Dialect = 'postgresql' | 'mysql';

/** `literal` stands for any value; `word` is a keyword or name, with its quotes if it had any. */
export interface Token {
  type: 'word' | 'literal' | 'symbol';
  text: string;
  /** How many parentheses are open around it. */
  depth: number;
  /** Whether white space or a comment stood before it. */
  spaced: boolean;
}

/** How a dialect differs. All patterns are sticky. */
interface Rules {
  lineComment: RegExp;
  /** Whether a comment may hold others. */
  hasNestedComments: boolean;
  /** Opens a comment whose content is run all the same. */
  codeComment: RegExp | undefined;
  /** Characters that open a string, and those that open a name. */
  stringQuotes: string;
  nameQuotes: string;
  /** What may stand right before a string and belongs to it. */
  stringPrefix: RegExp;
  /** Whether a backslash escapes in every string, and not only where the prefix says so. */
  hasEscapes: boolean;
  dollarTag: RegExp | undefined;
  word: RegExp;
}

const RULES: Record<Dialect, Rules> = {
  postgresql: {
    lineComment: /--[^\n]*/y,
    hasNestedComments: true,
    codeComment: undefined,
    stringQuotes: "'",
    nameQuotes: '"`',
    stringPrefix: /(?:[eE]|[bB]|[xX]|[nN]|[uU]&)(?=')/y,
    hasEscapes: false,
    dollarTag: /\$(?:[A-Za-z_\x80-\uffff][\w\x80-\uffff]*)?\$/y,
    word: /[A-Za-z_\x80-\uffff][\w$\x80-\uffff]*/y,
  },
  mysql: {
    // `5--1` is five minus minus one.
    lineComment: /(?:--(?![^\s\0])|#)[^\n]*/y,
    hasNestedComments: false,
    codeComment: /\/\*M?!\d{0,6}/y,
    // Under ANSI_QUOTES a name may stand in double quotes. It is taken out like a value, which errs on the safe side.
    stringQuotes: `'"`,
    nameQuotes: '`',
    stringPrefix: /[bBnNxX](?=')/y,
    hasEscapes: true,
    dollarTag: undefined,
    word: /[A-Za-z_$\x80-\uffff][\w$\x80-\uffff]*/y,
  },
};

const SPACE = /[\s\0]+/y;
const BLOCK_OPEN_OR_CLOSE = /\/\*|\*\//g;
const PARAMETER = /\$\d+|:[A-Za-z_]\w*|\?/y;
const NUMBER = /0[xXoObB][\da-fA-F_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?/y;
const CAST = /::/y;

/** Reads `sql` from its beginning; what is not understood passes as single symbols. */
export function tokenize(sql: string, dialect: Dialect): Token[] {
  const rules = RULES[dialect];
  const tokens: Token[] = [];
  let at = 0;
  let depth = 0;
  let spaced = false;
  let isInCodeComment = false;
  while (at < sql.length) {
    const codeStart: number = isInCodeComment ? 0 : matchEnd(rules.codeComment, sql, at);
    const codeEnd: number = isInCodeComment && sql.startsWith('*/', at) ? at + 2 : 0;
    if (codeStart > 0 || codeEnd > 0) isInCodeComment = codeStart > 0;
    const blank = codeStart || codeEnd || blankEnd(sql, at, rules);
    if (blank > at) {
      at = blank;
      spaced = true;
      continue;
    }
    const end = literalEnd(sql, at, rules);
    if (end > at) {
      tokens.push({ type: 'literal', text: '?', depth, spaced });
      at = end;
    } else {
      const word = wordAt(sql, at, rules);
      const text = word || symbolAt(sql, at);
      if (text === ')') depth--;
      tokens.push({ type: word === '' ? 'symbol' : 'word', text, depth, spaced });
      if (text === '(') depth++;
      at += text.length;
    }
    spaced = false;
  }
  return tokens;
}

function blankEnd(sql: string, at: number, rules: Rules): number {
  const end = matchEnd(SPACE, sql, at) || matchEnd(rules.lineComment, sql, at);
  if (end > 0) return end;
  if (!sql.startsWith('/*', at)) return at;
  return rules.hasNestedComments ? nestedCommentEnd(sql, at) : commentEnd(sql, at);
}

function commentEnd(sql: string, at: number): number {
  const close = sql.indexOf('*/', at + 2);
  return close === -1 ? sql.length : close + 2;
}

function nestedCommentEnd(sql: string, at: number): number {
  let open = 0;
  BLOCK_OPEN_OR_CLOSE.lastIndex = at;
  for (let match = BLOCK_OPEN_OR_CLOSE.exec(sql); match; match = BLOCK_OPEN_OR_CLOSE.exec(sql)) {
    open += match[0] === '/*' ? 1 : -1;
    if (open === 0) return BLOCK_OPEN_OR_CLOSE.lastIndex;
  }
  return sql.length;
}

function literalEnd(sql: string, at: number, rules: Rules): number {
  const prefixEnd = matchEnd(rules.stringPrefix, sql, at);
  if (prefixEnd > 0) {
    return quotedEnd(sql, prefixEnd, rules.hasEscapes || /[eE]/.test(sql[at] as string));
  }
  if (rules.stringQuotes.includes(sql[at] as string)) return quotedEnd(sql, at, rules.hasEscapes);
  const tagEnd = matchEnd(rules.dollarTag, sql, at);
  if (tagEnd > 0) {
    const tag = sql.slice(at, tagEnd);
    const close = sql.indexOf(tag, tagEnd);
    return close === -1 ? sql.length : close + tag.length;
  }
  return matchEnd(NUMBER, sql, at) || at;
}

/** The end of a string that opens at `open`; a doubled quote stands for itself, and where it may a backslash escapes. */
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

function wordAt(sql: string, at: number, rules: Rules): string {
  const end = rules.nameQuotes.includes(sql[at] as string)
    ? quotedEnd(sql, at, false)
    : matchEnd(rules.word, sql, at);
  return sql.slice(at, end || at);
}

function symbolAt(sql: string, at: number): string {
  const end = matchEnd(CAST, sql, at) || matchEnd(PARAMETER, sql, at);
  return sql.slice(at, end || at + 1);
}

/** Where a sticky pattern that matches at `at` ends; 0 where it does not match, or there is none. */
function matchEnd(pattern: RegExp | undefined, sql: string, at: number): number {
  if (pattern === undefined) return 0;
  pattern.lastIndex = at;
  return pattern.test(sql) ? pattern.lastIndex : 0;
}
