// A shop's minute of data as INSERT statements: two services, slow routes, a stall, an exception, metrics, findings.

export interface SeedOptions {
  /** The end of the minute, milliseconds since the epoch. */
  endMs: number;
  /** Requests of the shop, evenly over the minute. */
  requests: number;
}

/** The trace that the findings and the stall point at. */
export const SHOWN_TRACE = 'a0000000000000000000000000000000';

const ns = (ms: number) => `fromUnixTimestamp64Nano(toInt64(${Math.round(ms * 1e6)}), 'UTC')`;
const ms = (at: number) => `fromUnixTimestamp64Milli(toInt64(${Math.round(at)}), 'UTC')`;

/** Statements to run in order; request number i begins at `end - 60 s + i * step` and lasts `10 + i % 100` ms. */
export function seedStatements({ endMs, requests }: SeedOptions): string[] {
  const beginMs = endMs - 60_000;
  const stepMs = 58_000 / requests;
  return [
    resources(endMs),
    shopRequests({ beginMs, stepMs, requests }),
    shopStatements({ beginMs, stepMs, requests }),
    shownTrace(endMs - 5000),
    points(beginMs),
    histograms(beginMs),
    ...findings(endMs - 2000),
  ];
}

function resources(endMs: number): string {
  const day = new Date(endMs).toISOString().slice(0, 10);
  const row = (
    service: string,
    id: number,
  ) => `('default', '${service}', ${id}, '${day}', 'test', '1.0.0', 'i${id}', 'host-1',
    map('service.version', '1.0.0', 'host.name', 'host-1'), toDateTime(${Math.floor(endMs / 1000)}, 'UTC'))`;
  return `INSERT INTO venturi.resources VALUES ${row('shop', 1)}, ${row('stock', 2)}`;
}

interface Load {
  beginMs: number;
  stepMs: number;
  requests: number;
}

const startOf = ({ beginMs, stepMs }: Load) =>
  `fromUnixTimestamp64Nano(toInt64(${beginMs} * 1000000 + number * ${Math.round(stepMs * 1e6)}), 'UTC')`;
// Digits in front keep these ids apart from the shown trace's and from one another.
const traceOf = `unhex(leftPad(hex(number + 1), 32, 'B'))`;

function shopRequests(load: Load): string {
  return `INSERT INTO venturi.spans (tenant, service, env, ts, duration_ns, trace_id, span_prefix, span_seq, name, kind,
    status, is_entry, resource_id, http_method, http_route, http_status, url_path, loop_busy_ms, loop_blocked_ms, gc_ms,
    pool_wait_ms, db_count, db_ms, out_count, out_ms)
  SELECT 'default', if(number % 4 = 3, 'stock', 'shop'), 'test', ${startOf(load)}, (10 + number % 100) * 1000000,
    ${traceOf}, number + 1, 1, ['GET /orders/:id', 'GET /cart', 'POST /checkout', 'GET /stock/:sku'][number % 4 + 1] AS name,
    'server', if(number % 50 = 2, 'error', 'unset'), 1, if(number % 4 = 3, 2, 1), splitByChar(' ', name)[1],
    splitByChar(' ', name)[2], if(number % 50 = 2, 500, 200), '/x', 2, if(number % 20 = 1, 5, 0), 0.5,
    if(number % 4 = 2, 4, 0), if(number % 4 = 0, 20, 1), 4 + number % 40, if(number % 4 = 2, 1, 0), if(number % 4 = 2, 3, 0)
  FROM numbers(${load.requests})`;
}

function shopStatements(load: Load): string {
  return `INSERT INTO venturi.spans (tenant, service, env, ts, duration_ns, trace_id, span_prefix, span_seq,
    parent_prefix, parent_seq, name, kind, resource_id, server_address, server_port, db_system, db_namespace,
    db_operation, db_collection, db_query, code_function, code_file, code_line)
  SELECT 'default', if(number % 4 = 3, 'stock', 'shop'), 'test', ${startOf(load)} + INTERVAL 2 MILLISECOND,
    (4 + number % 40) * 1000000, ${traceOf}, number + 1, 2, number + 1, 1, 'SELECT products', 'client',
    if(number % 4 = 3, 2, 1), '127.0.0.1', 5432, 'postgresql', 'shop', 'SELECT', 'products',
    'SELECT * FROM products WHERE id = $1', if(number % 10 = 0, 'loadOrder', ''), if(number % 10 = 0, '/app/orders.js', ''),
    if(number % 10 = 0, 42, 0)
  FROM numbers(${load.requests})`;
}

/** One trace with everything in it: two services, a failed call, a pool wait, a stall, an exception, attributes. */
function shownTrace(atMs: number): string {
  const trace = `unhex('${SHOWN_TRACE}')`;
  const exception = `['exception'], [${ns(atMs + 110)}], [map('exception.type', 'TypeError', 'exception.message', 'it''s null', 'exception.stacktrace', 'TypeError: it''s null\\n  at pay (/app/pay.js:7)')]`;
  const row = (fields: string[]) => `('default', ${fields.join(', ')})`;
  return `INSERT INTO venturi.spans (tenant, service, env, ts, duration_ns, trace_id, span_prefix, span_seq, parent_prefix,
    parent_seq, name, kind, status, status_message, is_entry, resource_id, http_method, http_route, http_status, url_path,
    url_full, server_address, server_port, db_system, db_query, code_function, code_file, code_line, loop_busy_ms, loop_blocked_ms, pool_wait_ms,
    db_count, db_ms, out_count, out_ms, attrs, attrs_num, attrs_bool, \`events.name\`, \`events.ts\`, \`events.attrs\`) VALUES
  ${[
    row([
      `'shop', 'test', ${ns(atMs)}, 180000000, ${trace}, 1, 1, 0, 0, 'POST /checkout', 'server', 'error', 'it''s null', 1, 1,
      'POST', '/checkout', 500, '/checkout', '', '127.0.0.1', 3000, '', '', '', '', 0, 60, 50, 12, 1, 20, 1, 70,
      map('user.tier', 'gold'), map('cart.items', 3), map('cart.gift', true), ${exception}`,
    ]),
    row([
      `'shop', 'test', ${ns(atMs + 5)}, 12000000, ${trace}, 1, 2, 1, 1, 'pg-pool.connect', 'internal', 'unset', '', 0, 1,
      '', '', 0, '', '', '', 0, 'postgresql', '', 'pay', '/app/pay.js', 3, 0, 0, 12, 0, 0, 0, 0,
      map('venturi.pool.outcome', 'queued'), map('venturi.pool.size', 4), map(), [], [], []`,
    ]),
    row([
      `'shop', 'test', ${ns(atMs + 18)}, 20000000, ${trace}, 1, 3, 1, 1, 'INSERT orders', 'client', 'unset', '', 0, 1,
      '', '', 0, '', '', 'db', 5432, 'postgresql', 'INSERT INTO orders VALUES ($1, $2)', 'pay', '/app/pay.js', 5, 0, 0, 0, 0, 0, 0, 0,
      map(), map(), map(), [], [], []`,
    ]),
    row([
      `'shop', 'test', ${ns(atMs + 40)}, 70000000, ${trace}, 1, 4, 1, 1, 'GET', 'client', 'unset', '', 0, 1,
      'GET', '', 200, '', 'http://stock:3001/stock/7', 'stock', 3001, '', '', 'pay', '/app/pay.js', 6, 0, 0, 0, 0, 0, 0, 0,
      map(), map(), map(), [], [], []`,
    ]),
    row([
      `'stock', 'test', ${ns(atMs + 45)}, 60000000, ${trace}, 2, 1, 1, 4, 'GET /stock/:sku', 'server', 'unset', '', 1, 2,
      'GET', '/stock/:sku', 200, '/stock/7', '', '', 0, '', '', '', '', 0, 5, 0, 0, 0, 0, 0, 0,
      map(), map(), map(), [], [], []`,
    ]),
    row([
      `'shop', 'test', ${ns(atMs + 120)}, 50000000, ${trace}, 1, 5, 1, 1, 'event loop blocked', 'internal', 'unset', '', 0, 1,
      'POST', '/checkout', 0, '', '', '', 0, '', '', 'hashPassword', '/app/hash.js', 9, 50, 0, 0, 0, 0, 0, 0,
      map('venturi.stall.kind', 'js'), map('venturi.stall.victim_ms', 120), map(), [], [], []`,
    ]),
  ].join(',\n  ')}`;
}

const GAUGES: [metric: string, unit: string, value: string][] = [
  ['nodejs.eventloop.delay.p50', 's', '0.001'],
  ['nodejs.eventloop.delay.p90', 's', '0.004'],
  ['nodejs.eventloop.delay.p99', 's', '0.02 + number * 0.001'],
  ['nodejs.eventloop.delay.max', 's', '0.05 + number * 0.002'],
  ['nodejs.eventloop.utilization', '1', '0.3 + number * 0.1'],
  ['venturi.memory.heap.used', 'By', '50000000 + number * 1000000'],
  ['venturi.memory.heap.total', 'By', '80000000'],
  ['venturi.memory.heap.limit', 'By', '2000000000'],
  ['venturi.memory.external', 'By', '4000000'],
  ['process.memory.usage', 'By', '120000000'],
];

const LABELLED: [metric: string, label: string, values: string[], value: string][] = [
  ['process.cpu.utilization', 'cpu.mode', ['user', 'system'], '0.2'],
  ['v8js.memory.heap.used', 'v8js.heap.space.name', ['new_space', 'old_space'], '20000000'],
];

/** Six samples of every gauge, one each ten seconds. */
function points(beginMs: number): string {
  const select = (metric: string, unit: string, attrs: string, value: string) =>
    `SELECT 'default', 'shop', '${metric}', 1, ${attrs}, ${ms(beginMs)} + INTERVAL number * 10 SECOND,
      ${ms(beginMs)}, 'gauge', 'unspecified', '${unit}', ${value} FROM numbers(6)`;
  const plain = GAUGES.map(([metric, unit, value]) => select(metric, unit, 'map()', value));
  const labelled = LABELLED.flatMap(([metric, label, values, value]) =>
    values.map((one) => select(metric, '1', `map('${label}', '${one}')`, value)),
  );
  return `INSERT INTO venturi.metric_points ${[...plain, ...labelled].join('\nUNION ALL ')}`;
}

function histograms(beginMs: number): string {
  const select = (type: string, count: number, sum: number) =>
    `SELECT 'default', 'shop', 'v8js.gc.duration', 1, map('v8js.gc.type', '${type}'),
      ${ms(beginMs)} + INTERVAL number * 10 SECOND, ${ms(beginMs)}, 'delta', 's', ${count}, ${sum}, 0.001, 0.01,
      [0.01, 0.1], [${count}, 0, 0] FROM numbers(6)`;
  return `INSERT INTO venturi.metric_histograms ${select('minor', 20, 0.02)} UNION ALL ${select('major', 1, 0.03)}`;
}

function findings(atMs: number): string[] {
  const row = (rank: number, fields: string) =>
    `('default', ${ms(atMs)}, ${rank}, 'shop', ${fields})`;
  return [
    `INSERT INTO venturi.bottleneck_runs VALUES ('default', ${ms(atMs)}, ${ms(atMs - 60_000)}, ${ms(atMs)}, 1200, 2, 9)`,
    `INSERT INTO venturi.bottlenecks VALUES
    ${row(
      1,
      `'GET /orders/:id', 'n_plus_one', 38.4, 0.74, 300, 11520, 'loadOrder (/app/orders.js:42)',
      'SELECT * FROM products WHERE id = $1', '${SHOWN_TRACE}', 0.93, 'The statement runs 20 times a request, from one place.'`,
    )},
    ${row(
      2,
      `'POST /checkout', 'loop_blocked', 12.5, 0.31, 300, 3750, 'hashPassword (/app/hash.js:9)', '',
      '${SHOWN_TRACE}', 0.8, 'Blocked the event loop 75 times, 50 ms each.'`,
    )}`,
  ];
}
