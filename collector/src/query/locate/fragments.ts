// SQL that several of the locator's queries share: the window, and the requests in it.

/** Rows of `venturi.spans` that started inside the window. */
export const IN_WINDOW = `tenant = 'default'
    AND ts >= fromUnixTimestamp64Milli({fromMs:Int64}) AND ts < fromUnixTimestamp64Milli({toMs:Int64})`;

/**
 * Method and route of an entry span. A server without a router has no route; there the path stands in for it, with
 * what looks like an identifier taken out.
 */
export const ROUTE = `concat(http_method, ' ', if(http_route != '', http_route, arrayStringConcat(
    arrayMap(part -> if(match(part, '^([0-9]+|[0-9a-fA-F-]{16,})$'), ':id', part), splitByChar('/', url_path)), '/')))`;

/**
 * One row a request: an entry span, with whether it belongs to the slowest tenth of its route. `slow` is what a
 * p95 is made of; a cause that hits only some requests shows there and not in the mean. Paths that nothing answers
 * to (404 without a route) are no routes.
 */
export const REQUESTS = `requests AS (
  SELECT service, ${ROUTE} AS route, trace_id, span_prefix, duration_ns / 1e6 AS ms,
    ms >= quantile(0.9)(duration_ns / 1e6) OVER (PARTITION BY service, route) AS slow,
    loop_blocked_ms, loop_busy_ms, gc_ms, pool_wait_ms, pool_hold_ms, db_count, db_ms, out_ms
  FROM venturi.spans
  WHERE ${IN_WINDOW} AND is_entry AND http_method != '' AND NOT (http_route = '' AND http_status = 404)
)`;

/** `function (file:line)` of a span's call site, empty where it has none. */
export const CALL_SITE = `if(code_file = '', '',
    concat(if(code_function = '', '<anonymous>', code_function), ' (', code_file, ':', toString(code_line), ')'))`;
