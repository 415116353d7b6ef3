// Cuts ClickHouse SQL into tokens: enough to split statements, to find a FORMAT clause and to see which names are used.

export type TokenKind = 'word' | 'number' | 'string' | 'identifier' | 'mark' | 'odd';

/** A piece of SQL that is neither white space nor a comment; `start` and `end` are offsets into the text. */
export interface Token {
  kind: TokenKind;
  start: number;
  end: number;
  /** The token as written; for a quoted identifier, its name without the quotes. */
  text: string;
}

const patterns: ReadonlyArray<[TokenKind | 'skip', RegExp]> = [
  ['skip', /(?:\s+|--[^\n]*|#[ !][^\n]*|\/\*[\s\S]*?\*\/)+/y],
  ['string', /'(?:[^'\\]|\\[\s\S]|'')*'/y],
  ['identifier', /`(?:[^`\\]|\\[\s\S]|``)*`|"(?:[^"\\]|\\[\s\S]|"")*"/y],
  ['string', /\$([A-Za-z0-9_]*)\$[\s\S]*?\$\1\$/y],
  ['word', /[A-Za-z_][A-Za-z0-9_$]*/y],
  ['number', /[0-9][A-Za-z0-9_.]*/y],
  // What follows ASCII is a typographic quote or a letter that ClickHouse reads in its own way.
  ['odd', /[^\x20-\x7e]|\$|#/y],
  ['mark', /[\s\S]/y],
];

/**
 * The tokens of a text, lexed as ClickHouse's Lexer does for what people write by hand. A token of
 * kind `odd` is one of which this is not sure: an unclosed quote is a `mark`, typographic quotes are `odd`.
 */
export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    for (const [kind, pattern] of patterns) {
      pattern.lastIndex = at;
      const match = pattern.exec(sql);
      if (!match) continue;
      const end = at + match[0].length;
      if (kind !== 'skip') {
        const text = kind === 'identifier' ? match[0].slice(1, -1) : match[0];
        tokens.push({ kind, start: at, end, text });
      }
      at = end;
      break;
    }
  }
  return tokens;
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
