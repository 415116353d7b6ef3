// What the agent counts about itself; the runtime metrics report it.

/** Totals since the process started. */
export const counters = {
  /** Spans that were lost: the queue was full, or the collector refused them. */
  spansDropped: 0,
  /** Spans of requests that the sampler has left out; no loss, since the others count for them. */
  spansSampledOut: 0,
  /** Spans in batches that the collector has acknowledged. */
  spansExported: 0,
  /** Log records that were lost, as spans are, or because the collector takes no logs. */
  logsDropped: 0,
  /** Log records in batches that the collector has acknowledged. */
  logsExported: 0,
  /** Log records below WARN that were left out while the agent cost too much. */
  logsShed: 0,
  /** Metric requests that were lost. */
  metricsDropped: 0,
};
