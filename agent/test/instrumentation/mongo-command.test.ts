// MongoDB commands without their values, and what they do to which collection.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type MongoCommand, mongoStatementOf } from '../../src/instrumentation/mongo-command.js';

const text = (command: MongoCommand): string => mongoStatementOf(command).text;

describe('obfuscation of commands', () => {
  const cases: [MongoCommand, string][] = [
    [
      { find: 'items', filter: { a: 'secret', b: { $gt: 5 }, c: null }, limit: 1 },
      '{"find":"items","filter":{"a":"?","b":{"$gt":"?"},"c":"?"},"limit":"?"}',
    ],
    [
      { aggregate: 'items', pipeline: [{ $match: { a: 1 } }, { $limit: 5 }], cursor: {} },
      '{"aggregate":"items","pipeline":[{"$match":{"a":"?"}},{"$limit":"?"}],"cursor":{}}',
    ],
    [
      { find: 'items', filter: { a: { $in: ['x', 'y', 'z'] } } },
      '{"find":"items","filter":{"a":{"$in":["?"]}}}',
    ],
    [{ getMore: 12n, collection: 'items' }, '{"getMore":"?","collection":"items"}'],
    [
      { insert: 'items', documents: [{ _id: { _bsontype: 'ObjectId', id: 'secret' } }] },
      '{"insert":"items","documents":[{"_id":"?"}]}',
    ],
    [
      { find: 'items', filter: { at: new Date(), re: /secret/, bytes: Buffer.from('secret') } },
      '{"find":"items","filter":{"at":"?","re":"?","bytes":"?"}}',
    ],
    [
      { find: 'items', hint: undefined, collection: { not: 'a name' } },
      '{"find":"items","collection":{"not":"?"}}',
    ],
    [{ find: 'a "b"', filter: { 'c"d': 1 } }, '{"find":"a \\"b\\"","filter":{"c\\"d":"?"}}'],
    [
      { bulkWrite: 1, ops: { field: 'ops', header: Buffer.from('x'), documents: [{ a: 1 }] } },
      '{"bulkWrite":"?","ops":[{"a":"?"}]}',
    ],
    [{}, '{}'],
  ];
  for (const [command, expected] of cases) {
    it(expected, () => assert.equal(text(command), expected));
  }

  it('takes any number of documents of one shape for one statement', () => {
    const insert = (n: number): MongoCommand => ({
      insert: 'items',
      documents: Array.from({ length: n }, (_each, i) => ({ _id: i })),
    });
    assert.equal(mongoStatementOf(insert(1)), mongoStatementOf(insert(5000)));
  });

  it('bounds its work, in width and in depth', () => {
    const wide = Object.fromEntries(Array.from({ length: 20_000 }, (_each, i) => [`key${i}`, i]));
    assert.equal(text({ insert: 'items', documents: [wide] }).length, 4096);
    const circle: MongoCommand = {};
    circle.circle = circle;
    assert.ok(text({ find: 'items', filter: circle }).length < 400);
    const fan: MongoCommand = {};
    for (let i = 0; i < 100; i++) fan[`fan${i}`] = fan;
    const startMs = performance.now();
    text({ find: 'items', filter: fan });
    assert.ok(performance.now() - startMs < 100);
  });
});

describe('operation and collection of commands', () => {
  const cases: [MongoCommand, string][] = [
    [{ find: 'items' }, 'find items'],
    [{ getMore: 1, collection: 'items' }, 'getMore items'],
    [{ aggregate: 1, pipeline: [] }, 'aggregate'],
    [{ ping: 1 }, 'ping'],
    [{ explain: { find: 'items' } }, 'explain items'],
  ];
  for (const [command, expected] of cases) {
    it(expected, () => assert.equal(mongoStatementOf(command).spanName, expected));
  }
});
