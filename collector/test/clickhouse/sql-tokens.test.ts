// SQL cut into tokens and statements: strings, comments and quoted names hide what is in them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  quoteIdentifier,
  quoteString,
  splitStatements,
  tokensOf,
} from '../../src/clickhouse/sql-tokens.js';

describe('SQL tokens', () => {
  it('splits statements at the semicolons that stand by themselves', () => {
    const sql = `-- one; two
SELECT ';', "a;b", \`c;d\`, 'it''s \\';', $x$;$x$ /* ; */;
;
SELECT 2 -- last`;
    assert.deepEqual(splitStatements(sql), [
      `-- one; two\nSELECT ';', "a;b", \`c;d\`, 'it''s \\';', $x$;$x$ /* ; */`,
      'SELECT 2 -- last',
    ]);
    assert.deepEqual(splitStatements(' -- nothing\n ; '), []);
  });

  it('tells words from quoted names and strings', () => {
    const kinds = tokensOf(`SELECT a1 AS "FORMAT", 'x', 1e5 -- y\n FROM \`t\``).map(
      ({ kind, text }) => `${kind} ${text}`,
    );
    assert.deepEqual(kinds, [
      'word SELECT',
      'word a1',
      'word AS',
      'identifier FORMAT',
      'mark ,',
      "string 'x'",
      'mark ,',
      'number 1e5',
      'word FROM',
      'identifier t',
    ]);
  });

  it('marks what it is not sure of', () => {
    assert.ok(tokensOf('SELECT ‘x’').some(({ kind }) => kind === 'odd'));
    for (const open of ["'a\\'", '"a', '`a``', '/* a', '$x$ a $y$']) {
      const last = tokensOf(`SELECT 1, ${open}`).at(-1);
      assert.deepEqual([last?.kind, last?.text], ['odd', open]);
    }
    assert.deepEqual(tokensOf(''), []);
  });

  it('takes time in proportion to the text, whatever is in it', () => {
    for (const piece of ['/*', "'", '$a$ ', '"`', 'FORMAT x ', '-- ', '\\']) {
      const text = `SELECT ${piece.repeat(1_000_000 / piece.length)}`;
      const started = performance.now();
      tokensOf(text);
      assert.ok(performance.now() - started < 2000, piece);
    }
  });

  it('quotes strings and names so that they cannot end early', () => {
    assert.equal(quoteString("it's \\"), "'it\\'s \\\\'");
    assert.equal(quoteIdentifier('a`b\\'), '`a\\`b\\\\`');
  });
});
