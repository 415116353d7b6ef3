// SQL that several queries share: the tenant, a variable's value, where a span came from.

/** One tenant for now; it leads every sorting key, so every query names it. */
export const TENANT = `tenant = 'default'`;

/** Spans inside the time range of the page. */
export const IN_RANGE = `${TENANT} AND $__timeFilter_ms(ts)`;

/** Entry spans of requests; stalls outside any request are roots too, but nobody's request. */
export const IS_REQUEST = `is_entry AND kind IN ('server', 'consumer')`;

/**
 * The value of a variable as SQL. Percent-encoding leaves neither quote nor backslash, so that no value can end the
 * string that it stands in, whoever expands the variable.
 */
export function variable(name: string): string {
  return `decodeURLComponent('\${${name}:percentencode}')`;
}

/** `function (file:line)` of a span's call site, empty where none was recorded. */
export const CALL_SITE = `if(code_file = '', '', concat(if(code_function = '', '<anonymous>', code_function),
    ' (', code_file, ':', toString(code_line), ')'))`;

/** Trace id as 32 hex digits. */
export const TRACE_HEX = 'lower(hex(trace_id))';
