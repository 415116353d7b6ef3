// Finds the values of a statement of mysql2.

/** The values of `query(sql, values)`, of `query({ sql, values })` and of a Query that is not formatted yet. */
export function valuesOf(config: unknown, values: unknown): unknown {
  if (typeof values === 'object' && values !== null) return values;
  return typeof config === 'string' ? undefined : (config as { values?: unknown } | null)?.values;
}
