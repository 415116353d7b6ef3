// SQL that several of the locator's queries share: the window, and the requests in it.
import { RULES } from './rules.js';

/** Rows of `venturi.spans` that started inside the window. */
export const IN_WINDOW = `tenant = 'default'
    AND ts >= fromUnixTimestamp64Milli({fromMs:Int64}) AND ts < fromUnixTimestamp64Milli({toMs:Int64})`;

/** A path with what looks like an identifier taken out. */
export const withoutIdentifiers = (path: string) => `arrayStringConcat(arrayMap(
      part -> if(match(part, '^([0-9]+|[0-9a-fA-F-]{16,})$'), ':id', part), splitByChar('/', ${path})), '/')`;

/**
 * One row a request: an entry span, with its route and whether it belongs to the slowest tenth of it. `slow` is what
 * a p95 is made of; a cause that hits only some requests shows there and not in the mean. A server without a router
 * has no route; there the path stands in for it, without identifiers and without parts that take many values. Paths
 * that nothing answers to (404 without a route) are no routes.
 */
export const REQUESTS = `entries AS (
  SELECT service, http_method, http_route, trace_id, span_prefix, parent_prefix, parent_seq, duration_ns / 1e6 AS ms,
    loop_blocked_ms, loop_busy_ms, gc_ms, pool_wait_ms, pool_hold_ms, db_count, db_ms, out_ms,
    attrs_num['venturi.heap_growth_bytes'] AS heap_growth_bytes,
    if(http_route = '', splitByChar('/', ${withoutIdentifiers('url_path')}), []) AS parts,
    uniq(parts[2]) OVER (PARTITION BY service, http_method, length(parts)) AS first_values,
    uniq(parts[3]) OVER (PARTITION BY service, http_method, length(parts), parts[2]) AS second_values,
    uniq(parts[4]) OVER (PARTITION BY service, http_method, length(parts), parts[2], parts[3]) AS third_values,
    [0, first_values, second_values, third_values] AS part_values
  FROM venturi.spans
  WHERE ${IN_WINDOW} AND is_entry AND http_method != '' AND NOT (http_route = '' AND http_status = 404)
),
requests AS (
  SELECT * EXCEPT (parts, first_values, second_values, third_values, part_values),
    concat(http_method, ' ', if(http_route != '', http_route, arrayStringConcat(arrayMap(
      (part, at) -> if(part_values[at] > ${RULES.pathValuesMax}, ':id', part), parts, arrayEnumerate(parts)), '/'))) AS route,
    ms >= quantile(0.9)(ms) OVER (PARTITION BY service, route) AS slow
  FROM entries
)`;

/** `function (file:line)` of a span's call site, empty where it has none. */
export const CALL_SITE = `if(code_file = '', '',
    concat(if(code_function = '', '<anonymous>', code_function), ' (', code_file, ':', toString(code_line), ')'))`;
