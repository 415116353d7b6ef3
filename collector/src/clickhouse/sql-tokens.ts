// Cuts ClickHouse SQL into tokens: enough to split statements, to find a FORMAT clause and to see which names are used.

type TokenKind = 'word' | 'number' | 'string' | 'identifier' | 'mark' | 'odd';

/** A piece of SQL that is neither white space nor a comment; `start` and `end` are offsets into the text. */
export interface Token {
  kind: TokenKind;
  start: number;
  end: number;
  /** The token as written; for a quoted identifier, its name without the quotes. */
  text: string;
}

const blank = /\s+/y;
const word = /[A-Za-z_][A-Za-z0-9_$]*/y;
const number = /[0-9][A-Za-z0-9_.]*/y;
const heredoc = /\$[A-Za-z0-9_]*\$/y;

/**
 * The tokens of a text, lexed as ClickHouse's Lexer does for what people write by hand. A token of
 * kind `odd` is one of which this is not sure: a typographic quote, or the rest of a text from where
 * a quote or a comment is never closed. Takes time in proportion to the text, whatever is in it.
 */
export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    const end = skipEnd(sql, at);
    if (end !== undefined) {
      at = end;
      continue;
    }
    const token = tokenAt(sql, at);
    tokens.push(token);
    at = token.end;
  }
  return tokens;
}

/** Where white space or a comment that begins at `at` ends; undefined where there is none. */
function skipEnd(sql: string, at: number): number | undefined {
  const spaces = endOf(blank, sql, at);
  if (spaces !== undefined) return spaces;
  const isLine = sql.startsWith('--', at) || sql.startsWith('# ', at) || sql.startsWith('#!', at);
  if (isLine) return indexAfter(sql, '\n', at) ?? sql.length;
  return sql.startsWith('/*', at) ? indexAfter(sql, '*/', at + 2) : undefined;
}

function tokenAt(sql: string, start: number): Token {
  const token = (kind: TokenKind, end: number | undefined): Token => {
    if (end === undefined) return { kind: 'odd', start, end: sql.length, text: sql.slice(start) };
    return { kind, start, end, text: sql.slice(start, end) };
  };
  const char = sql.charAt(start);
  if (char === "'") return token('string', quoteEnd(sql, start));
  if (char === '`' || char === '"') {
    const quoted = token('identifier', quoteEnd(sql, start));
    return quoted.kind === 'odd' ? quoted : { ...quoted, text: quoted.text.slice(1, -1) };
  }
  const tagEnd = endOf(heredoc, sql, start);
  if (tagEnd !== undefined) {
    return token('string', indexAfter(sql, sql.slice(start, tagEnd), tagEnd));
  }
  const wordEnd = endOf(word, sql, start);
  if (wordEnd !== undefined) return token('word', wordEnd);
  const numberEnd = endOf(number, sql, start);
  if (numberEnd !== undefined) return token('number', numberEnd);
  if (sql.startsWith('/*', start)) return token('odd', undefined);
  return token(/[!-~]/.test(char) && char !== '$' && char !== '#' ? 'mark' : 'odd', start + 1);
}

/** Where a quoted token ends: a backslash takes the next character along, a doubled quote stands for one. */
function quoteEnd(sql: string, start: number): number | undefined {
  const quote = sql.charCodeAt(start);
  for (let i = start + 1; i < sql.length; i += 1) {
    const code = sql.charCodeAt(i);
    if (code === 92) i += 1;
    else if (code === quote) {
      if (sql.charCodeAt(i + 1) !== quote) return i + 1;
      i += 1;
    }
  }
  return undefined;
}

function endOf(pattern: RegExp, sql: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(sql) ? pattern.lastIndex : undefined;
}

function indexAfter(sql: string, text: string, from: number): number | undefined {
  const at = sql.indexOf(text, from);
  return at < 0 ? undefined : at + text.length;
}

/** True where the token is this keyword, in any case; a quoted identifier is never a keyword. */
export function isKeyword(token: Token | undefined, keyword: string): boolean {
  return token?.kind === 'word' && token.text.toUpperCase() === keyword;
}

/** Splits a script at its semicolons; empty statements are left out, comments stay with what follows. */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let from = 0;
  let filled = false;
  for (const token of tokensOf(sql)) {
    if (token.kind === 'mark' && token.text === ';') {
      if (filled) statements.push(sql.slice(from, token.start).trim());
      from = token.end;
      filled = false;
    } else {
      filled = true;
    }
  }
  if (filled) statements.push(sql.slice(from).trim());
  return statements;
}

/** A string literal of ClickHouse with the value in it. */
export function quoteString(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** A quoted identifier, safe whatever the name holds. */
export function quoteIdentifier(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}
