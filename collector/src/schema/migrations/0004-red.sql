-- Rate, errors and duration by service and name: ten seconds, cascading into a minute and an hour.
-- hist is a logarithmic histogram with eight buckets an octave (bounds 2^(k/8) ns, error at most 4.4 %).
CREATE TABLE venturi.red_10s (
  tenant LowCardinality(String),
  service LowCardinality(String),
  env LowCardinality(String),
  kind Enum8('unspecified' = 0, 'internal' = 1, 'server' = 2, 'client' = 3, 'producer' = 4, 'consumer' = 5),
  name LowCardinality(String),
  status_class LowCardinality(String),
  ts DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
  count SimpleAggregateFunction(sum, Float64) CODEC(ZSTD(1)),
  errors SimpleAggregateFunction(sum, Float64) CODEC(ZSTD(1)),
  dur_sum SimpleAggregateFunction(sum, Float64) CODEC(ZSTD(1)),
  dur_max SimpleAggregateFunction(max, UInt64) CODEC(T64, ZSTD(1)),
  hist SimpleAggregateFunction(sumMap, Map(Int16, Float64)) CODEC(ZSTD(1))
) ENGINE = AggregatingMergeTree
PARTITION BY toDate(ts)
ORDER BY (tenant, service, env, kind, name, status_class, ts)
TTL ts + INTERVAL 3 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;

CREATE TABLE venturi.red_1m AS venturi.red_10s ENGINE = AggregatingMergeTree
PARTITION BY toMonday(ts)
ORDER BY (tenant, service, env, kind, name, status_class, ts)
TTL ts + INTERVAL 35 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;

CREATE TABLE venturi.red_1h AS venturi.red_10s ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(ts)
ORDER BY (tenant, service, env, kind, name, status_class, ts)
TTL ts + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW venturi.red_10s_mv TO venturi.red_10s AS
SELECT tenant, service, env, kind, name,
  multiIf(status = 'error', 'error', http_status < 400, 'ok', http_status < 500, '4xx', '5xx') AS status_class,
  toDateTime(toStartOfInterval(s.ts, INTERVAL 10 SECOND), 'UTC') AS ts,
  sum(toFloat64(sample_weight)) AS count,
  sumIf(toFloat64(sample_weight), status = 'error') AS errors,
  sum(duration_ns * toFloat64(sample_weight)) AS dur_sum,
  max(duration_ns) AS dur_max,
  sumMap(map(toInt16(floor(log2(greatest(duration_ns, 1)) * 8)), toFloat64(sample_weight))) AS hist
FROM venturi.spans AS s
WHERE kind IN ('server', 'consumer', 'client', 'producer') OR is_entry
GROUP BY tenant, service, env, kind, name, status_class, ts;

CREATE MATERIALIZED VIEW venturi.red_1m_mv TO venturi.red_1m AS
SELECT tenant, service, env, kind, name, status_class, toStartOfMinute(r.ts) AS ts, sum(r.count) AS count,
  sum(r.errors) AS errors, sum(r.dur_sum) AS dur_sum, max(r.dur_max) AS dur_max, sumMap(r.hist) AS hist
FROM venturi.red_10s AS r
GROUP BY tenant, service, env, kind, name, status_class, ts;

CREATE MATERIALIZED VIEW venturi.red_1h_mv TO venturi.red_1h AS
SELECT tenant, service, env, kind, name, status_class, toStartOfHour(r.ts) AS ts, sum(r.count) AS count,
  sum(r.errors) AS errors, sum(r.dur_sum) AS dur_sum, max(r.dur_max) AS dur_max, sumMap(r.hist) AS hist
FROM venturi.red_1m AS r
GROUP BY tenant, service, env, kind, name, status_class, ts;
