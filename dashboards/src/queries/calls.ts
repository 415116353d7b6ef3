// What one service calls and what it throws: statements, other hosts, exceptions.
import { CALL_SITE, IN_RANGE, TRACE_HEX, variable } from './fragments.js';

const OF_SERVICE = `service = ${variable('service')}`;

/** One row a statement, the one that takes most time in all first; durations in milliseconds. */
export const SERVICE_STATEMENTS = `SELECT db_query AS Statement, db_system AS System, count() AS Calls,
  count() / uniqExact(trace_id, span_prefix) AS "Per request", avg(duration_ns) / 1e6 AS Mean,
  quantileTDigest(0.95)(duration_ns) / 1e6 AS p95, countIf(status = 'error') AS Failed,
  sum(duration_ns) / 1e9 AS "Total time", anyIf(${CALL_SITE}, code_file != '') AS "Call site",
  argMax(${TRACE_HEX}, duration_ns) AS Trace
FROM venturi.spans
WHERE ${IN_RANGE} AND ${OF_SERVICE} AND kind = 'client' AND db_query != ''
GROUP BY db_query, db_system
ORDER BY sum(duration_ns) DESC
LIMIT 50`;

/** One row a host that the service calls over HTTP; durations in milliseconds. */
export const SERVICE_DOWNSTREAM = `SELECT
  concat(server_address, if(server_port = 0, '', concat(':', toString(server_port)))) AS Host, http_method AS Method,
  count() AS Calls, count() / uniqExact(trace_id, span_prefix) AS "Per request", avg(duration_ns) / 1e6 AS Mean,
  quantileTDigest(0.95)(duration_ns) / 1e6 AS p95, countIf(status = 'error') / count() AS Errors,
  sum(duration_ns) / 1e9 AS "Total time", argMax(${TRACE_HEX}, duration_ns) AS Trace
FROM venturi.spans
WHERE ${IN_RANGE} AND ${OF_SERVICE} AND kind = 'client' AND db_system = '' AND http_method != ''
GROUP BY Host, Method
ORDER BY sum(duration_ns) DESC
LIMIT 50`;

/** One row an exception's type and message, the most frequent first. */
export const SERVICE_EXCEPTIONS = `SELECT event_attrs['exception.type'] AS Type, event_attrs['exception.message'] AS Message,
  count() AS Count, max(event_ts) AS "Last seen", topK(1)(name)[1] AS "In span",
  argMax(${TRACE_HEX}, event_ts) AS Trace
FROM venturi.spans
ARRAY JOIN events.name AS event_name, events.ts AS event_ts, events.attrs AS event_attrs
WHERE ${IN_RANGE} AND ${OF_SERVICE} AND has(events.name, 'exception') AND event_name = 'exception'
GROUP BY Type, Message
ORDER BY Count DESC
LIMIT 50`;
