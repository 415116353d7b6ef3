// A variable's value stays a value, whatever it holds; asked of the real engine.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the placeholders under test.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { bindVariables } from '../../../src/query/panels/variables.js';
import { startTestEngine, type TestEngine } from '../../engine/running-engine.js';

/** Values that end strings, start comments, or look like what we expand. */
const CORPUS = [
  'shop',
  '',
  "'",
  "''",
  "\\'",
  '\\',
  "\\\\'; DROP TABLE venturi.spans; --",
  "' OR 1=1 --",
  "') UNION ALL SELECT name FROM system.tables --",
  '${service:percentencode}',
  '$__timeFilter(ts)',
  '%27%20OR%201=1',
  '/* */ -- # ;',
  '`"$${}',
  'Grüße 日本語 🚀',
  'a\u0000b\nc\td',
  '{p:String}',
  '!()*~',
];
const FORMATS = {
  percentencode: (reference: string) => `decodeURLComponent('${reference}')`,
  singlequote: (reference: string) => reference,
  sqlstring: (reference: string) => reference,
};

describe('the variables of a panel', () => {
  let engine: TestEngine;
  before(async () => {
    engine = await startTestEngine();
  });
  after(() => engine.stop());

  for (const [format, around] of Object.entries(FORMATS)) {
    it(`come back unchanged in the format ${format}`, async () => {
      for (const value of CORPUS) {
        const reference = `\${service:${format}}`;
        const sql = bindVariables(
          `SELECT ${around(reference)} AS v`,
          new Map([['service', value]]),
        );
        assert.deepEqual((await engine.store.query(sql)).rows, [[value]], value);
      }
    });
  }

  it('leaves nothing of a percent-encoded value that means something to SQL', () => {
    for (const value of CORPUS) {
      const bound = bindVariables('${service:percentencode}', new Map([['service', value]]));
      assert.match(bound, /^[\w.~%-]*$/);
    }
  });

  it('puts a replacement for half a character', () => {
    assert.equal(bindVariables('${v:percentencode}', new Map([['v', 'a\ud800']])), 'a%EF%BF%BD');
  });

  it('refuses formats that could end a string, and variables that the dashboard does not have', () => {
    const values = new Map([['service', 'x']]);
    for (const reference of [
      '${service}',
      '${service:raw}',
      '${service:csv}',
      '${service:constructor}',
    ]) {
      assert.throws(() => bindVariables(reference, values), /not safe/);
    }
    assert.throws(() => bindVariables('${other:percentencode}', values), /no variable other/);
  });
});
