-- Where a trace lies: from the low half of its id (W3C promises randomness there) to its five-minute buckets and services.
CREATE TABLE venturi.trace_index (
  tenant LowCardinality(String) CODEC(ZSTD(1)),
  trace_lo UInt64 CODEC(Delta(8), ZSTD(1)),
  bucket DateTime('UTC') CODEC(ZSTD(1)),
  service LowCardinality(String) CODEC(ZSTD(1)),
  spans SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
  errors SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1))
) ENGINE = AggregatingMergeTree
PARTITION BY toDate(bucket)
PRIMARY KEY (tenant, trace_lo)
ORDER BY (tenant, trace_lo, bucket, service)
TTL bucket + INTERVAL 14 DAY
SETTINGS index_granularity = 2048, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW venturi.trace_index_mv TO venturi.trace_index AS
SELECT tenant, reinterpretAsUInt64(reverse(substring(trace_id, 9, 8))) AS trace_lo, toStartOfFiveMinutes(s.ts) AS bucket,
  service, count() AS spans, countIf(status = 'error') AS errors
FROM venturi.spans AS s
GROUP BY tenant, trace_lo, bucket, service;
