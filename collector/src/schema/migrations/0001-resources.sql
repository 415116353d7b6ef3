-- Who sent the data: one row per resource and day, so that no span has to carry its resource attributes.
CREATE TABLE venturi.resources (
  tenant LowCardinality(String),
  service LowCardinality(String),
  resource_id UInt64,
  day Date,
  env LowCardinality(String),
  version LowCardinality(String),
  instance String,
  host LowCardinality(String),
  attributes Map(LowCardinality(String), String) CODEC(ZSTD(3)),
  last_seen DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
  INDEX rid resource_id TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = ReplacingMergeTree(last_seen)
PARTITION BY toYYYYMM(day)
ORDER BY (tenant, service, resource_id, day)
TTL day + INTERVAL 32 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;
