// The one column list of every table that the decoder fills: decoding and INSERT both go by it.

export interface ColumnSpec {
  /** Name in ClickHouse; a Nested column is written as its parts, such as `events.ts`. */
  readonly name: string;
  /** Type as `system.columns` spells it. */
  readonly type: string;
}

const lowCardinality = 'LowCardinality(String)';
const textMap = 'Map(LowCardinality(String), String)';
const kindEnum =
  "Enum8('unspecified' = 0, 'internal' = 1, 'server' = 2, 'client' = 3, 'producer' = 4, 'consumer' = 5)";
const temporalityEnum = "Enum8('unspecified' = 0, 'delta' = 1, 'cumulative' = 2)";

/** Spells `{name: type}` as a list; the order of the keys is the order of the columns. */
function list<Names extends string>(types: Record<Names, string>): readonly ColumnSpec[] {
  return Object.entries<string>(types).map(([name, type]) => ({ name, type }));
}

const resources = list({
  tenant: lowCardinality,
  service: lowCardinality,
  resource_id: 'UInt64',
  day: 'Date',
  env: lowCardinality,
  version: lowCardinality,
  instance: 'String',
  host: lowCardinality,
  attributes: textMap,
  last_seen: "DateTime('UTC')",
});

const spans = list({
  tenant: lowCardinality,
  service: lowCardinality,
  env: lowCardinality,
  ts: "DateTime64(9, 'UTC')",
  duration_ns: 'UInt64',
  trace_id: 'FixedString(16)',
  span_prefix: 'UInt64',
  span_seq: 'UInt16',
  parent_prefix: 'UInt64',
  parent_seq: 'UInt16',
  name: lowCardinality,
  kind: kindEnum,
  status: "Enum8('unset' = 0, 'ok' = 1, 'error' = 2)",
  status_message: 'String',
  is_entry: 'Bool',
  sample_weight: 'Float32',
  resource_id: 'UInt64',
  scope: lowCardinality,
  trace_state: 'String',
  http_method: lowCardinality,
  http_route: lowCardinality,
  http_status: 'UInt16',
  url_path: 'String',
  url_full: 'String',
  server_address: lowCardinality,
  server_port: 'UInt16',
  client_address: 'String',
  user_agent: lowCardinality,
  db_system: lowCardinality,
  db_namespace: lowCardinality,
  db_operation: lowCardinality,
  db_collection: lowCardinality,
  db_query: 'String',
  error_type: lowCardinality,
  code_function: lowCardinality,
  code_file: lowCardinality,
  code_line: 'UInt32',
  code_stack: 'String',
  loop_busy_ms: 'Float32',
  loop_blocked_ms: 'Float32',
  gc_ms: 'Float32',
  pool_wait_ms: 'Float32',
  pool_hold_ms: 'Float32',
  db_count: 'UInt16',
  db_ms: 'Float32',
  out_count: 'UInt16',
  out_ms: 'Float32',
  attrs: textMap,
  attrs_num: 'Map(LowCardinality(String), Float64)',
  attrs_bool: 'Map(LowCardinality(String), Bool)',
  'events.ts': "Array(DateTime64(9, 'UTC'))",
  'events.name': 'Array(LowCardinality(String))',
  'events.attrs': `Array(${textMap})`,
  'links.trace_id': 'Array(FixedString(16))',
  'links.span_id': 'Array(FixedString(8))',
  'links.attrs': `Array(${textMap})`,
});

/** What both metric tables begin with. */
const pointOrigin = {
  tenant: lowCardinality,
  service: lowCardinality,
  metric: lowCardinality,
  resource_id: 'UInt64',
  attrs: textMap,
  ts: "DateTime64(3, 'UTC')",
  start_ts: "DateTime64(3, 'UTC')",
} as const;

const metricPoints = list({
  ...pointOrigin,
  type: "Enum8('gauge' = 1, 'sum' = 2)",
  temporality: temporalityEnum,
  unit: lowCardinality,
  value: 'Float64',
});

const metricHistograms = list({
  ...pointOrigin,
  temporality: temporalityEnum,
  unit: lowCardinality,
  count: 'UInt64',
  sum: 'Float64',
  min: 'Float64',
  max: 'Float64',
  bounds: 'Array(Float64)',
  bucket_counts: 'Array(UInt64)',
});

/** Tables in the order in which they are inserted: who sent the data comes before the data. */
export const TABLES = {
  resources,
  spans,
  metric_points: metricPoints,
  metric_histograms: metricHistograms,
} as const satisfies Record<string, readonly ColumnSpec[]>;

export type TableName = keyof typeof TABLES;

export const TABLE_NAMES = Object.keys(TABLES) as readonly TableName[];

/** Goes up whenever the column list changes; a spooled file remembers under which it was written. */
export const SCHEMA_VERSION = 1;
