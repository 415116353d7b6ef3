// Spans: what a sender encodes is what ClickHouse holds, column by column.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { TestEngine } from '../support/engine.js';
import { encodeMessage, encodeTraces, keyValues, span, traceRequest } from '../support/otlp.js';
import { createHarness } from './harness.js';

const engine = new TestEngine();
after(() => engine.close());

/** Decodes a body into an empty table and reads the columns back. */
function stored(body: Buffer, columns: string, limits = {}): Record<string, unknown>[] {
  const { decoder, block } = createHarness(limits);
  decoder.decode('traces', body, block);
  engine.run('TRUNCATE TABLE venturi.spans');
  engine.insert(block.write());
  return engine.rows(`SELECT ${columns} FROM venturi.spans ORDER BY ts, span_seq`);
}

test('an entry span keeps its identity, times, names and what it paid', () => {
  const startMs = Date.now() - 60_000;
  const body = traceRequest(
    [
      span({
        spanId: 'a1f067aa0ba90001',
        parentId: 'ffeeddccbbaa9988',
        startMs,
        durationMs: 12.5,
        attributes: {
          'http.request.method': 'GET',
          'http.route': '/orders/:id',
          'http.response.status_code': 503n,
          'url.path': '/orders/17',
          'server.port': 8080n,
          'user_agent.original': 'curl/8',
          'error.type': '503',
          'venturi.loop_busy_ms': 3.25,
          'venturi.db_count': 38n,
          'url.scheme': 'http',
          'shop.items': 3n,
          'shop.rush': true,
        },
        more: { status: { code: 2, message: 'no stock' }, trace_state: 'ot=th:8;rv:1,x=y' },
      }),
    ],
    { 'deployment.environment.name': 'prod' },
  );
  const [row] = stored(
    body,
    `tenant, service, env, toUnixTimestamp64Milli(ts) AS ms, duration_ns, trace_hex, span_hex,
     parent_hex, span_prefix, span_seq, name, kind, status, status_message, is_entry, sample_weight,
     scope, trace_state, http_method, http_route, http_status, url_path, server_port, user_agent,
     error_type, loop_busy_ms, gc_ms, db_count, attrs, attrs_num, attrs_bool`,
  );
  assert.deepEqual(row, {
    tenant: 'default',
    service: 'shop',
    env: 'prod',
    ms: String(startMs),
    duration_ns: '12500000',
    trace_hex: '0af7651916cd43dd8448eb211c80319c',
    span_hex: 'a1f067aa0ba90001',
    parent_hex: 'ffeeddccbbaa9988',
    span_prefix: String(0xa1f067aa0ba9),
    span_seq: 1,
    name: 'GET /orders/:id',
    kind: 'server',
    status: 'error',
    status_message: 'no stock',
    is_entry: true,
    sample_weight: 2,
    scope: 'test',
    trace_state: 'ot=th:8;rv:1,x=y',
    http_method: 'GET',
    http_route: '/orders/:id',
    http_status: 503,
    url_path: '/orders/17',
    server_port: 8080,
    user_agent: 'curl/8',
    error_type: '503',
    loop_busy_ms: 3.25,
    gc_ms: 0,
    db_count: 38,
    attrs: { 'url.scheme': 'http' },
    attrs_num: { 'shop.items': 3 },
    attrs_bool: { 'shop.rush': true },
  });
});

test('older attribute names fill the same columns', () => {
  const body = traceRequest([
    span({
      kind: 3,
      attributes: {
        'http.method': 'POST',
        'http.status_code': '201',
        'http.target': '/pay?card=1',
        'net.peer.name': 'pay.example',
        'net.host.name': 'me.example',
        'db.system': 'postgresql',
        'db.statement': 'SELECT 1',
        'code.lineno': 42n,
      },
    }),
  ]);
  const [row] = stored(
    body,
    'http_method, http_status, url_path, server_address, db_system, db_query, code_line, attrs',
  );
  assert.deepEqual(row, {
    http_method: 'POST',
    http_status: 201,
    url_path: '/pay',
    server_address: 'pay.example',
    db_system: 'postgresql',
    db_query: 'SELECT 1',
    code_line: 42,
    attrs: { 'net.host.name': 'me.example' },
  });
});

test('a stable name wins over an older one in either order, and the older one stays readable', () => {
  const body = traceRequest([
    span({ attributes: { 'http.method': 'old', 'http.request.method': 'new' } }),
    span({
      spanId: '00f067aa0ba90002',
      attributes: { 'http.request.method': 'new', 'http.method': 'old' },
    }),
  ]);
  const expected = { http_method: 'new', attrs: { 'http.method': 'old' } };
  assert.deepEqual(stored(body, 'http_method, attrs'), [expected, expected]);
});

test('values that do not fit their column stay in a map', () => {
  const body = traceRequest([
    span({
      attributes: {
        'http.response.status_code': 70_000n,
        'server.port': 'http',
        'db.query.text': ['a', 1n],
        'venturi.db_count': 70_000n,
        'code.line.number': -1n,
      },
    }),
  ]);
  const [row] = stored(body, 'http_status, server_port, db_query, db_count, attrs, attrs_num');
  assert.deepEqual(row, {
    http_status: 0,
    server_port: 0,
    db_query: '',
    db_count: 65_535,
    attrs: { 'server.port': 'http', 'db.query.text': '["a",1]' },
    attrs_num: { 'http.response.status_code': 70_000, 'code.line.number': -1 },
  });
});

test('arrays, kvlists and bytes are stored as text', () => {
  const body = traceRequest([
    span({
      attributes: {
        list: ['a"b', 1n, 1.5, true, null, [2n]],
        map: { k: { deep: 'ü' } },
        bytes: Buffer.from('hello'),
        nothing: null,
        big: [9_007_199_254_740_993n, -9_223_372_036_854_775_808n],
      },
    }),
  ]);
  const [row] = stored(body, 'attrs');
  assert.deepEqual(row?.attrs, {
    list: '["a\\"b",1,1.5,true,null,[2]]',
    map: '{"k":{"deep":"ü"}}',
    bytes: 'aGVsbG8=',
    nothing: '',
    big: '[9007199254740993,-9223372036854775808]',
  });
});

test('events and links are kept with their attributes', () => {
  const body = traceRequest([
    span({ spanId: '00f067aa0ba90001' }),
    span({
      spanId: '00f067aa0ba90002',
      more: {
        events: [
          {
            time_unix_nano: '1700000000123456789',
            name: 'exception',
            attributes: keyValues({ 'exception.type': 'TypeError', n: 1n }),
          },
          { time_unix_nano: '1700000000000000000', name: 'retry', attributes: [] },
        ],
        links: [
          {
            trace_id: Buffer.alloc(16, 7),
            span_id: Buffer.alloc(8, 9),
            attributes: keyValues({ why: 'batch' }),
          },
          { trace_id: Buffer.alloc(3), span_id: Buffer.alloc(8, 9), attributes: [] },
        ],
      },
    }),
    span({ spanId: '00f067aa0ba90003' }),
  ]);
  const rows = stored(
    body,
    `arrayMap(t -> toUnixTimestamp64Nano(t), events.ts) AS times, events.name AS names,
     events.attrs AS maps, arrayMap(x -> hex(x), links.trace_id) AS traces,
     arrayMap(x -> hex(x), links.span_id) AS ids, links.attrs AS linked`,
  );
  const empty = { times: [], names: [], maps: [], traces: [], ids: [], linked: [] };
  assert.deepEqual(rows, [
    empty,
    {
      times: ['1700000000123456789', '1700000000000000000'],
      names: ['exception', 'retry'],
      maps: [{ 'exception.type': 'TypeError', n: '1' }, {}],
      traces: ['07'.repeat(16)],
      ids: ['09'.repeat(8)],
      linked: [{ why: 'batch' }],
    },
    empty,
  ]);
});

test('a resource that comes after its spans counts as well', () => {
  const resource = encodeMessage('Resource', { attributes: keyValues({ 'service.name': 'late' }) });
  const scope = encodeMessage('ScopeSpans', { spans: [span()], scope: { name: 'late-scope' } });
  const field = (number: number, bytes: Buffer): Buffer => {
    const length = [(bytes.length & 127) | 128, bytes.length >> 7];
    return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), bytes]);
  };
  const resourceSpans = Buffer.concat([field(2, scope), field(1, resource)]);
  const [row] = stored(field(1, resourceSpans), 'service, scope');
  assert.deepEqual(row, { service: 'late', scope: 'late-scope' });
});

test('times outside what is stored are moved to the edge and counted', () => {
  const { decoder, block, counters, now } = createHarness();
  const days = 86_400_000;
  decoder.decode(
    'traces',
    traceRequest([
      span({ spanId: '00f067aa0ba90001', startMs: 0 }),
      span({ spanId: '00f067aa0ba90002', startMs: now + days }),
      span({ spanId: '00f067aa0ba90003', startMs: now - 12 * days, durationMs: -1 }),
      span({ spanId: '00f067aa0ba90004', more: { start_time_unix_nano: '18446744073709551615' } }),
    ]),
    block,
  );
  engine.run('TRUNCATE TABLE venturi.spans');
  engine.insert(block.write());
  const rows = engine.rows(
    'SELECT toUnixTimestamp64Milli(ts) AS ms, duration_ns FROM venturi.spans ORDER BY span_seq',
  );
  assert.deepEqual(rows, [
    { ms: String(now - 13 * days), duration_ns: '5000000' },
    { ms: String(now + 900_000), duration_ns: '5000000' },
    { ms: String(now - 12 * days), duration_ns: '0' },
    { ms: String(now + 900_000), duration_ns: '0' },
  ]);
  assert.equal(counters.get('timestampsClamped'), 3);
  assert.equal(counters.get('durationsClamped'), 2);
});

test('spans with an id of a wrong length, or of zeros, are rejected and the others stay', () => {
  const { decoder, block, counters } = createHarness();
  const result = decoder.decode(
    'traces',
    traceRequest([
      span({ traceId: '0af7' }),
      span({ spanId: '' }),
      span({ parentId: '01' }),
      span({ traceId: '00'.repeat(16) }),
      span({ spanId: '00'.repeat(8) }),
      span(),
    ]),
    block,
  );
  assert.equal(result.accepted, 1);
  assert.equal(result.rejected, 5);
  assert.match(result.message, /^5 spans have a trace, span or parent id/);
  assert.equal(counters.get('spansRejected'), 5);
});

test('limits cut values at a character, and drop attributes over their number', () => {
  const attributes: Record<string, unknown> = {
    text: 'aü'.repeat(10),
    'db.query.text': 'é'.repeat(20),
  };
  for (let index = 0; index < 5; index += 1) attributes[`n${index}`] = BigInt(index);
  const limits = { valueBytesMax: 16, longValueBytesMax: 21, attributesMax: 4 };
  const [row] = stored(traceRequest([span({ attributes })]), 'attrs, attrs_num, db_query', limits);
  assert.deepEqual(row, {
    attrs: { text: 'aüaüaüaüaüa' },
    attrs_num: { n0: 0, n1: 1, n2: 2 },
    db_query: 'é'.repeat(10),
  });
});

test('a resource is written once a day, before the spans that name it', () => {
  const { decoder, block } = createHarness();
  const attributes = { 'service.version': '1.2', 'host.name': 'h', 'process.pid': 7n };
  decoder.decode('traces', traceRequest([span()], attributes), block);
  decoder.decode('traces', traceRequest([span()], attributes), block);
  const written = block.write();
  assert.deepEqual(
    written.map(({ table, rows }) => [table, rows]),
    [
      ['resources', 1],
      ['spans', 2],
    ],
  );
  engine.run('TRUNCATE TABLE venturi.spans');
  engine.run('TRUNCATE TABLE venturi.resources');
  engine.insert(written);
  const rows = engine.rows(
    `SELECT r.service AS service, version, host, attributes, day = today() AS today, count() AS spans
     FROM venturi.spans AS s JOIN venturi.resources AS r USING (resource_id) GROUP BY ALL`,
  );
  assert.deepEqual(rows, [
    {
      service: 'shop',
      version: '1.2',
      host: 'h',
      attributes: {
        'host.name': 'h',
        'process.pid': '7',
        'service.name': 'shop',
        'service.version': '1.2',
      },
      today: 1,
      spans: '2',
    },
  ]);
});

test('a request with more rows than a table takes goes on in the next table', () => {
  const { decoder, block } = createHarness({}, 100);
  const spans = Array.from({ length: 250 }, (_, index) =>
    span({ name: `n${index}`, spanId: (index + 1).toString(16).padStart(16, '0') }),
  );
  decoder.decode('traces', traceRequest(spans), block);
  const written = block.write();
  assert.deepEqual(
    written.map(({ rows }) => rows),
    [1, 100, 100, 50],
  );
  engine.run('TRUNCATE TABLE venturi.spans');
  engine.insert(written);
  const [row] = engine.rows(
    'SELECT count() AS n, uniqExact(name) AS names, uniqExact(service) AS services FROM venturi.spans',
  );
  assert.deepEqual(row, { n: '250', names: '250', services: '1' });
});

test('a malformed request leaves no trace in the block, over tables too', () => {
  const { decoder, block } = createHarness({}, 3);
  const good = traceRequest([span({ attributes: { a: 'b' } }), span()]);
  decoder.decode('traces', good, block);
  const before = Buffer.concat(block.write().flatMap(({ chunks }) => chunks));
  const torn = traceRequest([span(), span(), span(), span({ attributes: { a: 'b', n: 1 } })], {
    'service.name': 'other',
  });
  const broken = Buffer.concat([torn, Buffer.from([0x0a, 0x7f])]);
  assert.throws(() => decoder.decode('traces', broken, block), { code: 'MALFORMED_OTLP' });
  const after = Buffer.concat(block.write().flatMap(({ chunks }) => chunks));
  assert.equal(
    block.write().reduce((sum, { rows }) => sum + rows, 0),
    3,
  );
  assert.ok(after.length >= before.length);
  engine.run('TRUNCATE TABLE venturi.spans');
  engine.insert(block.write());
  const rows = engine.rows('SELECT service, attrs FROM venturi.spans ORDER BY attrs');
  assert.deepEqual(rows, [
    { service: 'shop', attrs: {} },
    { service: 'shop', attrs: { a: 'b' } },
  ]);
});

test('an empty request is nothing, and takes nothing', () => {
  const { decoder, block } = createHarness();
  assert.deepEqual(decoder.decode('traces', encodeTraces({}), block), {
    accepted: 0,
    rejected: 0,
    message: '',
  });
  assert.deepEqual(block.write(), []);
});
