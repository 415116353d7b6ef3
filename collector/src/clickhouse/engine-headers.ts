// The private headers between the store and the embedded engine; a ClickHouse server knows none of them.

export const ENGINE_HEADERS = {
  /** The key that a statement needs which does more than read. It never leaves the two processes. */
  key: 'venturi-key',
  /** Percent-encoded path of a file in the spool that an INSERT reads in place of a request body. */
  file: 'venturi-file',
} as const;
