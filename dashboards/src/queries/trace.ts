// One trace: its spans as a waterfall and a table, its events; and traces to choose from.
import { CALL_SITE, IN_RANGE, IS_REQUEST, TENANT, TRACE_HEX, variable } from './fragments.js';

/** The id's sixteen bytes; what is not 32 hex digits names no trace. */
const TRACE_BYTES = `toFixedString(unhex(if(match(${variable('trace_id')}, '^[0-9a-fA-F]{32}$'),
    ${variable('trace_id')}, repeat('0', 32))), 16)`;

/** Spans of the trace: the index names the services and five-minute buckets, which are the spans' sorting key. */
const OF_TRACE = `${TENANT}
  AND (service, toStartOfFiveMinutes(ts)) IN (
    SELECT service, bucket FROM venturi.trace_index
    WHERE ${TENANT} AND trace_lo = reinterpretAsUInt64(reverse(substring(toString(${TRACE_BYTES}), 9, 8)))
  )
  AND trace_id = ${TRACE_BYTES}`;

/** Attributes that have columns of their own, under OpenTelemetry's names. */
const PROMOTED = {
  'http.request.method': 'http_method',
  'http.route': 'http_route',
  'http.response.status_code': `if(http_status = 0, '', toString(http_status))`,
  'url.path': 'url_path',
  'url.full': 'url_full',
  'server.address': 'server_address',
  'server.port': `if(server_port = 0, '', toString(server_port))`,
  'client.address': 'client_address',
  'db.system.name': 'db_system',
  'db.namespace': 'db_namespace',
  'db.query.text': 'db_query',
  'error.type': 'error_type',
  'code.function.name': 'code_function',
  'code.file.path': 'code_file',
  'code.line.number': `if(code_line = 0, '', toString(code_line))`,
  'code.stacktrace': 'code_stack',
  'venturi.loop_busy_ms': number('loop_busy_ms'),
  'venturi.loop_blocked_ms': number('loop_blocked_ms'),
  'venturi.gc_ms': number('gc_ms'),
  'venturi.pool_wait_ms': number('pool_wait_ms'),
  'venturi.pool_hold_ms': number('pool_hold_ms'),
  'venturi.db_count': number('db_count'),
  'venturi.db_ms': number('db_ms'),
  'venturi.out_count': number('out_count'),
  'venturi.out_ms': number('out_ms'),
};

function number(column: string): string {
  return `if(${column} = 0, '', toString(round(${column}, 3)))`;
}

const PAIR = `Array(Map(String, String))`;
const pairsOf = (map: string) => `arrayMap((k, v) -> map('key', toString(k), 'value', toString(v)),
    mapKeys(${map}), mapValues(${map}))::${PAIR}`;
const promotedPairs = Object.entries(PROMOTED)
  .map(([key, value]) => `map('key', '${key}', 'value', toString(${value}))`)
  .join(',\n    ');

/** In the shape of Grafana's traces panel: times in milliseconds, attributes as key and value pairs. */
export const TRACE_WATERFALL = `SELECT ${TRACE_HEX} AS traceID, leftPad(span_hex, 16, '0') AS spanID,
  if(parent_hex = '', '', leftPad(parent_hex, 16, '0')) AS parentSpanID, service AS serviceName, name AS operationName,
  toUnixTimestamp64Nano(ts) / 1e6 AS startTime, duration_ns / 1e6 AS duration,
  arrayConcat(arrayFilter(tag -> tag['value'] != '', [
    ${promotedPairs}
  ]), ${pairsOf('attrs')}, ${pairsOf('attrs_num')}, ${pairsOf('attrs_bool')}) AS tags,
  arrayConcat([map('key', 'deployment.environment.name', 'value', toString(env))],
    ${pairsOf('resource.attributes')}) AS serviceTags,
  if(status = 'error', 2, 0) AS statusCode, toString(kind) AS kind, status_message AS statusMessage,
  arrayMap((n, t, a) -> tuple(toString(n), toUnixTimestamp64Milli(t), ${pairsOf('a')})
    ::Tuple(name String, timestamp Float64, fields Array(Map(String, String))),
    events.name, events.ts, events.attrs) AS logs
FROM venturi.spans AS s
LEFT ANY JOIN (
  SELECT resource_id, attributes FROM venturi.resources
  WHERE ${TENANT} AND resource_id IN (SELECT resource_id FROM venturi.spans WHERE ${OF_TRACE})
) AS resource ON s.resource_id = resource.resource_id
WHERE ${OF_TRACE}
ORDER BY startTime
LIMIT 5000`;

/** One row: what the trace comes to; times are sums over its entry spans, in milliseconds. */
export const TRACE_SUMMARY = `SELECT
  (max(toUnixTimestamp64Nano(ts) + duration_ns) - min(toUnixTimestamp64Nano(ts))) / 1e6 AS Duration,
  count() AS Spans, uniqExact(service) AS Services, countIf(status = 'error') AS Errors,
  sumIf(db_count, is_entry) AS Statements, sumIf(db_ms, is_entry) AS Database, sumIf(out_ms, is_entry) AS "Outgoing HTTP",
  sumIf(pool_wait_ms, is_entry) AS "Pool wait", sumIf(loop_blocked_ms, is_entry) AS "Loop blocked",
  sumIf(gc_ms, is_entry) AS GC
FROM venturi.spans
WHERE ${OF_TRACE}
HAVING count() > 0`;

/** One row a span, in the order of their start; times in milliseconds. */
export const TRACE_SPANS = `SELECT
  (toUnixTimestamp64Nano(ts) - min(toUnixTimestamp64Nano(ts)) OVER ()) / 1e6 AS Start, service AS Service, name AS Span,
  kind AS Kind, duration_ns / 1e6 AS Duration, loop_busy_ms AS "Loop busy", loop_blocked_ms AS Blocked, gc_ms AS GC,
  pool_wait_ms AS "Pool wait", ${CALL_SITE} AS "Call site",
  multiIf(db_query != '', db_query, url_full != '', url_full, url_path) AS "Statement or URL", status AS Status
FROM venturi.spans
WHERE ${OF_TRACE}
ORDER BY Start
LIMIT 5000`;

/** One row an event of a span: exceptions and whatever the application recorded. */
export const TRACE_EVENTS = `SELECT event_ts AS Time, service AS Service, name AS Span, event_name AS Event,
  if(event_name = 'exception', concat(event_attrs['exception.type'], ': ', event_attrs['exception.message']),
    toString(event_attrs)) AS Details, event_attrs['exception.stacktrace'] AS Stack
FROM venturi.spans
ARRAY JOIN events.name AS event_name, events.ts AS event_ts, events.attrs AS event_attrs
WHERE ${OF_TRACE}
ORDER BY event_ts
LIMIT 1000`;

const tracesBy = (
  order: string,
) => `SELECT ts AS Time, service AS Service, name AS Route, http_status AS Status,
  duration_ns / 1e6 AS Duration, ${TRACE_HEX} AS Trace
FROM venturi.spans
WHERE ${IN_RANGE} AND ${IS_REQUEST} AND parent_prefix = 0 AND parent_seq = 0
ORDER BY ${order}
LIMIT 20`;

/** Traces that began here and took longest. */
export const TRACES_SLOWEST = tracesBy('duration_ns DESC');

/** Traces that began here last. */
export const TRACES_LATEST = tracesBy('ts DESC');
