-- Metric points: gauges and sums as values, histograms with their buckets.
CREATE TABLE venturi.metric_points (
  tenant LowCardinality(String) CODEC(ZSTD(1)),
  service LowCardinality(String) CODEC(ZSTD(1)),
  metric LowCardinality(String) CODEC(ZSTD(1)),
  resource_id UInt64 CODEC(ZSTD(1)),
  attrs Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  ts DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  start_ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
  type Enum8('gauge' = 1, 'sum' = 2) CODEC(ZSTD(1)),
  temporality Enum8('unspecified' = 0, 'delta' = 1, 'cumulative' = 2) CODEC(ZSTD(1)),
  unit LowCardinality(String) CODEC(ZSTD(1)),
  value Float64 CODEC(ZSTD(1))
) ENGINE = MergeTree
PARTITION BY toDate(ts)
ORDER BY (tenant, service, metric, resource_id, ts)
TTL toDateTime(ts) + INTERVAL 14 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;

CREATE TABLE venturi.metric_histograms (
  tenant LowCardinality(String) CODEC(ZSTD(1)),
  service LowCardinality(String) CODEC(ZSTD(1)),
  metric LowCardinality(String) CODEC(ZSTD(1)),
  resource_id UInt64 CODEC(ZSTD(1)),
  attrs Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  ts DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  start_ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
  temporality Enum8('unspecified' = 0, 'delta' = 1, 'cumulative' = 2) CODEC(ZSTD(1)),
  unit LowCardinality(String) CODEC(ZSTD(1)),
  count UInt64 CODEC(T64, ZSTD(1)),
  sum Float64 CODEC(ZSTD(1)),
  min Float64 CODEC(ZSTD(1)),
  max Float64 CODEC(ZSTD(1)),
  bounds Array(Float64) CODEC(ZSTD(1)),
  bucket_counts Array(UInt64) CODEC(ZSTD(1))
) ENGINE = MergeTree
PARTITION BY toDate(ts)
ORDER BY (tenant, service, metric, resource_id, ts)
TTL toDateTime(ts) + INTERVAL 14 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;
