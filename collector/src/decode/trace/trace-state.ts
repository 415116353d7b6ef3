// The sampling weight that a span's tracestate carries: OpenTelemetry's threshold, `ot=th:<hex>`.
// Source: https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/

const thresholdDigitsMax = 14;

/**
 * How many spans this one stands for: with threshold T of 2^56, 1 / (1 - T / 2^56). The hex digits are
 * the leading ones of 14. Without a threshold, or with one that is not valid, it is 1.
 */
export function sampleWeight(traceState: string): number {
  for (const member of traceState.split(',')) {
    const trimmed = member.trim();
    if (!trimmed.startsWith('ot=')) continue;
    for (const pair of trimmed.slice(3).split(';')) {
      if (pair.startsWith('th:')) return weightOf(pair.slice(3));
    }
  }
  return 1;
}

function weightOf(hex: string): number {
  if (!/^[0-9a-f]+$/.test(hex) || hex.length > thresholdDigitsMax) return 1;
  const threshold = Number.parseInt(hex, 16) / 16 ** hex.length;
  return 1 / (1 - threshold);
}
