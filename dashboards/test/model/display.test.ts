// How the viewer reads numbers, times, columns and links; each a table of what goes in and what comes out.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { shortCallSite } from '../../src/model/call-site.js';
import { colorOf, configOf, mappingOf } from '../../src/model/field-config.js';
import { toFrame, toSeries } from '../../src/model/frame.js';
import { fillLink } from '../../src/model/links.js';
import { partOf, partsIn } from '../../src/model/span-part.js';
import { placeSpans, type Span } from '../../src/model/span-tree.js';
import { resolveRange, resolveTime, stepMs } from '../../src/model/time-range.js';
import { formatNumber } from '../../src/model/units.js';

describe('numbers', () => {
  const cases: [value: number | null, unit: string, text: string][] = [
    [null, 'ms', '–'],
    [Number.NaN, 'ms', '–'],
    [0, 'ms', '0 ms'],
    [0.0474, 'ms', '47.4 µs'],
    [38.44, 'ms', '38.4 ms'],
    [1234.5, 'ms', '1.23 s'],
    [220, 's', '3.67 min'],
    [0, 'bytes', '0 B'],
    [55_000_000, 'bytes', '52.5 MiB'],
    [0.0279, 'percentunit', '2.79 %'],
    [1, 'percentunit', '100 %'],
    [5.634, 'reqps', '5.63 /s'],
    [9999, 'short', '9999'],
    [123_456, 'short', '123 K'],
    [0.5, 'none', '0.5'],
    [-3.21, 'ms', '-3.21 ms'],
    [7, 'unknown-unit', '7'],
  ];
  for (const [value, unit, text] of cases) {
    it(`${value} in ${unit} reads ${text}`, () => assert.equal(formatNumber(value, unit), text));
  }
  it('keep as many decimals as they are told', () => {
    assert.equal(formatNumber(1, 'short', 1), '1.0');
    assert.match(formatNumber(1_000, 'dateTimeAsIso'), /^\d\d:\d\d:01\.000$/);
    assert.match(formatNumber(1_000, 'dateTimeAsIso', 0), /^\d\d:\d\d:01$/);
  });
});

describe('time ranges', () => {
  it('resolve what Grafana writes into addresses', () => {
    assert.equal(resolveTime('now', 1000), 1000);
    assert.equal(resolveTime('now-15m', 1_000_000), 100_000);
    assert.equal(resolveTime('1700000000000', 0), 1_700_000_000_000);
    for (const text of ['', 'yesterday', 'now+1h', 'now-1y', '-5', '1e9']) {
      assert.equal(resolveTime(text, 0), undefined, text);
    }
    assert.equal(resolveRange({ from: 'now', to: 'now-1h' }, 5e6), undefined);
    assert.deepEqual(resolveRange({ from: 'now-1s', to: 'now' }, 5000), {
      fromMs: 4000,
      toMs: 5000,
    });
  });
  it('have the step that Grafana would take, and none below the panel’s', () => {
    assert.equal(stepMs(900_000, 400, '1s'), 2000);
    assert.equal(stepMs(900_000, 400, '10s'), 10_000);
    assert.equal(stepMs(86_400_000, 400), 300_000);
    assert.equal(stepMs(40 * 86_400_000, 100), 43_200_000);
  });
});

describe('call sites', () => {
  const cases: [text: string, short: string][] = [
    ['totalOf (/srv/shop/src/orders/queries.ts:46)', 'totalOf (queries.ts:46)'],
    ['totalOf (C:\\shop\\orders\\queries.ts:46)', 'totalOf (queries.ts:46)'],
    ['<anonymous> (file:///srv/shop/main.mjs:3)', '<anonymous> (main.mjs:3)'],
    ['main (app.js:3)', 'main (app.js:3)'],
    ['SELECT now() FROM a / b', 'SELECT now() FROM a / b'],
    ['(not seen)', '(not seen)'],
    ['', ''],
  ];
  for (const [text, short] of cases) {
    it(`${text || 'of nothing'} reads ${short || 'nothing'}`, () =>
      assert.equal(shortCallSite(text), short));
  }
});

describe('columns', () => {
  it('become times, numbers and texts by ClickHouse’s types', () => {
    const types = [
      "DateTime64(9, 'UTC')",
      'Nullable(UInt64)',
      'LowCardinality(String)',
      'Array(String)',
    ];
    const row = ['2026-11-22 18:36:40.250000000', '12', 'shop', ['a']];
    const frame = toFrame(
      types.map((type, i) => ({ name: `c${i}`, type })),
      [row, [null, null, null, null]],
    );
    assert.deepEqual(
      frame.fields.map((field) => field.kind),
      ['time', 'number', 'text', 'other'],
    );
    const at = Date.UTC(2026, 10, 22, 18, 36, 40, 250);
    assert.deepEqual(
      frame.fields.map((field) => field.values),
      [
        [at, null],
        [12, null],
        ['shop', null],
        [['a'], null],
      ],
    );
    assert.deepEqual(toFrame([{ name: 'd', type: 'Date' }], [['2026-11-22']]).fields[0]?.values, [
      Date.UTC(2026, 10, 22),
    ]);
  });
  it('in long form become one line for each label', () => {
    const columns = [
      { name: 'time', type: "DateTime('UTC')" },
      { name: 'service', type: 'String' },
      { name: 'Value', type: 'Float64' },
    ];
    const rows = [
      ['2026-01-01 00:00:00', 'a', 1],
      ['2026-01-01 00:00:10', 'b', 2],
      ['2026-01-01 00:00:10', 'a', 3],
    ];
    const { times, series } = toSeries(toFrame(columns, rows));
    assert.equal(times.length, 2);
    assert.deepEqual(series, [
      { name: 'a', values: [1, 3] },
      { name: 'b', values: [null, 2] },
    ]);
    assert.deepEqual(toSeries(toFrame([], [])), { times: [], series: [] });
  });
});

describe('fields', () => {
  const panel = {
    fieldConfig: {
      defaults: { unit: 'ms', custom: { lineWidth: 2 } },
      overrides: [
        {
          matcher: { id: 'byName', options: 'Errors' },
          properties: [
            { id: 'unit', value: 'percentunit' },
            { id: 'custom.width', value: 80 },
            { id: 'color', value: { mode: 'thresholds' } },
            {
              id: 'thresholds',
              value: {
                mode: 'absolute',
                steps: [
                  { value: null, color: 'text' },
                  { value: 0.01, color: 'red' },
                ],
              },
            },
            {
              id: 'mappings',
              value: [
                {
                  type: 'regex',
                  options: { pattern: '^5', result: { color: 'orange', text: 'five' } },
                },
              ],
            },
          ],
        },
      ],
    },
  };
  it('take their override over the defaults', () => {
    assert.equal(configOf(panel, 'p50').unit, 'ms');
    const errors = configOf(panel, 'Errors');
    assert.deepEqual([errors.unit, errors.custom], ['percentunit', { lineWidth: 2, width: 80 }]);
    assert.equal(colorOf(errors, 0), 'text');
    assert.equal(colorOf(errors, 0.02), 'red');
    assert.equal(colorOf(errors, 500), 'orange');
    assert.equal(mappingOf(errors, '5')?.text, 'five');
    assert.equal(colorOf(configOf(panel, 'p50'), 5), undefined);
  });
});

describe('links', () => {
  it('carry a row’s value and the time, with nothing that breaks out of its place', () => {
    const scope = {
      fields: { Trace: 'a&b=c#', 'Last seen': 1 },
      variables: { service: 'my shop' },
      range: { from: 'now-1h', to: 'now' },
    };
    const fill = (url: string) => fillLink(url, scope);
    assert.equal(
      fill(`/d/t?var-trace_id=\${__data.fields["Trace"]:percentencode}&\${__url_time_range}`),
      '/d/t?var-trace_id=a%26b%3Dc%23&from=now-1h&to=now',
    );
    assert.equal(fill(`\${__data.fields.Trace}`), 'a%26b%3Dc%23');
    assert.equal(fill(`\${__data.fields["Last seen"]}`), '1');
    assert.equal(fill(`?s=\${service}&d=\${datasource}`), '?s=my%20shop&d=');
  });
});

describe('spans', () => {
  const span = (spanID: string, parentSpanID: string, startTime: number): Span => ({
    ...{ spanID, parentSpanID, startTime, duration: 1, serviceName: 's', operationName: spanID },
    ...{ kind: '', statusCode: 0, statusMessage: '', tags: [], serviceTags: [], logs: [] },
  });
  const order = (spans: Span[]) =>
    placeSpans(spans).map(({ span: one, depth }) => `${depth}${one.spanID}`);

  it('are placed depth first, siblings by start, orphans as roots', () => {
    const spans = [
      span('c', 'a', 5),
      span('a', '', 1),
      span('b', 'a', 2),
      span('d', 'b', 9),
      span('o', 'lost', 7),
    ];
    assert.deepEqual(order(spans), ['0a', '1b', '2d', '1c', '0o']);
  });
  it('may be as deep as a trace gets, and their own parent', () => {
    const deep = Array.from({ length: 20_000 }, (_, i) =>
      span(`${i}`, i === 0 ? '' : `${i - 1}`, i),
    );
    assert.equal(placeSpans(deep).at(-1)?.depth, 19_999);
    assert.deepEqual(order([span('x', 'x', 1)]), ['0x']);
  });
  it('are one of the parts of a request’s time, by kind and attributes', () => {
    const one = (kind: string, operationName: string, tags: Record<string, string>): Span => ({
      ...span('a', '', 1),
      ...{ kind, operationName },
      tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
    });
    const pg = { 'db.system.name': 'postgresql' };
    const stall = (kind: string) =>
      one('internal', 'event loop blocked', { 'venturi.stall.kind': kind });
    const spans: [Span, string][] = [
      [one('server', 'GET /', { 'http.request.method': 'GET' }), 'Other'],
      [one('client', 'SELECT products', pg), 'Database'],
      [one('internal', 'pg-pool.connect', pg), 'Pool wait'],
      [one('client', 'GET', { 'http.request.method': 'GET' }), 'Outgoing HTTP'],
      [stall('js'), 'Loop blocked'],
      [stall('gc'), 'Garbage collection'],
    ];
    for (const [each, part] of spans) assert.equal(partOf(each).name, part);
    const [entry, statement] = spans.map(([each]) => each);
    assert.ok(entry && statement);
    const parts = partsIn([entry, statement, statement]).map(({ name }) => name);
    assert.deepEqual(parts, ['Database', 'Other']);
  });
});
