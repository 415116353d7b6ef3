-- What the locator found: one run a row in bottleneck_runs, one finding a row in bottlenecks, joined by ts.
CREATE TABLE venturi.bottleneck_runs (
  tenant LowCardinality(String),
  ts DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  window_from DateTime64(3, 'UTC'),
  window_to DateTime64(3, 'UTC'),
  requests UInt64 CODEC(ZSTD(1)),
  found UInt32 CODEC(ZSTD(1)),
  elapsed_ms UInt32 CODEC(ZSTD(1))
) ENGINE = MergeTree
PARTITION BY toYYYYMM(ts)
ORDER BY (tenant, ts)
TTL toDateTime(ts) + INTERVAL 30 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000;

CREATE TABLE venturi.bottlenecks (
  tenant LowCardinality(String),
  ts DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  rank UInt16,
  service LowCardinality(String),
  route LowCardinality(String),
  cause LowCardinality(String),
  cost_ms Float64 CODEC(ZSTD(1)),
  share Float64 CODEC(ZSTD(1)),
  requests UInt64 CODEC(ZSTD(1)),
  total_ms Float64 CODEC(ZSTD(1)),
  call_site String CODEC(ZSTD(1)),
  statement String CODEC(ZSTD(1)),
  trace_id String CODEC(ZSTD(1)),
  confidence Float64 CODEC(ZSTD(1)),
  detail String CODEC(ZSTD(1))
) ENGINE = MergeTree
PARTITION BY toYYYYMM(ts)
ORDER BY (tenant, ts, rank)
TTL toDateTime(ts) + INTERVAL 30 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000;
