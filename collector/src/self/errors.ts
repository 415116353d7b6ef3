// The one table of errors: what a caller sees, which HTTP status carries it, and what to do about it.

interface ErrorEntry {
  /** Status of an HTTP answer that carries this error. */
  httpStatus: number;
  /** A sentence that says what happened and what to do. */
  message: string;
  /** Seconds for `Retry-After`; present exactly on errors that go away by themselves. */
  retryAfterSeconds?: number;
}

export const ERRORS = {
  MALFORMED_OTLP: {
    httpStatus: 400,
    message:
      'The body is not a valid OTLP protobuf message. Check the exporter and what lies between.',
  },
  BODY_ABORTED: {
    httpStatus: 400,
    message: 'The request ended before its body was complete. Send it again.',
  },
  BODY_UNCOMPRESSABLE: {
    httpStatus: 400,
    message: 'The body does not decompress with its Content-Encoding. Check the exporter.',
  },
  BODY_TOO_LARGE: {
    httpStatus: 413,
    message:
      'The body is over the limit. Send smaller batches or raise the limit of the collector.',
  },
  MEDIA_TYPE_UNSUPPORTED: {
    httpStatus: 415,
    message:
      'Only OTLP as protobuf is taken here. Set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf in the exporter.',
  },
  ENCODING_UNSUPPORTED: {
    httpStatus: 415,
    message: 'Only gzip, deflate and identity are taken as Content-Encoding. Change the exporter.',
  },
  IN_FLIGHT_LIMIT: {
    httpStatus: 503,
    message: 'Too many bytes are being received at this moment. Send the request again later.',
    retryAfterSeconds: 1,
  },
  SPOOL_FULL: {
    httpStatus: 429,
    message:
      'The spool holds its limit of bytes (VENTURI_SPOOL_BYTES_MAX). Check that ClickHouse takes inserts.',
    retryAfterSeconds: 10,
  },
  SPOOL_WRITE_FAILED: {
    httpStatus: 503,
    message:
      'The spool could not be written. Free disk space in the data folder, then send it again.',
    retryAfterSeconds: 5,
  },
  SHUTTING_DOWN: {
    httpStatus: 503,
    message: 'The collector is shutting down. Send the request again to the next one.',
    retryAfterSeconds: 1,
  },
  NOT_READY: {
    httpStatus: 503,
    message:
      'The collector is not ready yet: migrations are running or ClickHouse does not answer.',
    retryAfterSeconds: 1,
  },
  STORE_UNREACHABLE: {
    httpStatus: 503,
    message: 'ClickHouse does not answer. Check VENTURI_CLICKHOUSE_URL and that it runs.',
    retryAfterSeconds: 2,
  },
  FLUSH_TIMEOUT: {
    httpStatus: 503,
    message: 'What was acknowledged is spooled but not in ClickHouse yet. Ask again later.',
    retryAfterSeconds: 2,
  },
  QUERY_FAILED: {
    httpStatus: 502,
    message: 'ClickHouse refused the query.',
  },
  QUERY_TIMEOUT: {
    httpStatus: 504,
    message: 'The query took too long. Choose a shorter time range.',
  },
  BAD_REQUEST: {
    httpStatus: 400,
    message: 'The request is not valid.',
  },
  CALLER_REFUSED: {
    httpStatus: 403,
    message: 'The API answers its own pages and programs on this machine only.',
  },
  NOT_FOUND: {
    httpStatus: 404,
    message: 'There is nothing at this address.',
  },
  INTERNAL: {
    httpStatus: 500,
    message: 'The collector failed in a way nobody foresaw. Its log says more; please report it.',
  },
  CONFIG_INVALID: {
    httpStatus: 500,
    message: 'An option has a value that cannot be used.',
  },
  DATA_DIR_LOCKED: {
    httpStatus: 500,
    message:
      'Another collector uses this data folder. Stop it, or set VENTURI_DATA_DIR to another folder.',
  },
  DATA_DIR_UNUSABLE: {
    httpStatus: 500,
    message:
      'The data folder cannot be created or written. Set VENTURI_DATA_DIR to a folder that can.',
  },
  PORT_TAKEN: {
    httpStatus: 500,
    message:
      'The port is taken. Stop what listens there, set VENTURI_PORT, or set VENTURI_PORT_SEARCH=1 to take the next free one.',
  },
  PLATFORM_UNSUPPORTED: {
    httpStatus: 500,
    message:
      'The embedded ClickHouse does not run on this platform. Set VENTURI_CLICKHOUSE_URL to a ClickHouse server.',
  },
  ENGINE_FAILED: {
    httpStatus: 500,
    message: 'The embedded ClickHouse did not start. Its log says why.',
  },
  MIGRATION_FAILED: {
    httpStatus: 500,
    message: 'The schema could not be brought up to date. The log says which migration failed.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

/** An error of the table. `message` is the table's sentence, and the detail where there is one. */
export class VenturiError extends Error {
  readonly code: ErrorCode;
  readonly httpStatus: number;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, options: { detail?: string | undefined; cause?: unknown } = {}) {
    const entry: ErrorEntry = ERRORS[code];
    super(options.detail === undefined ? entry.message : `${entry.message} (${options.detail})`, {
      cause: options.cause,
    });
    this.name = 'VenturiError';
    this.code = code;
    this.httpStatus = entry.httpStatus;
    this.retryAfterSeconds = entry.retryAfterSeconds;
  }
}

/** The JSON answer for an error: `{code, message, docs}`; `docs` is a place in this repository. */
export interface ErrorBody {
  code: ErrorCode;
  message: string;
  docs: string;
}

/** Turns whatever was thrown into an error of the table; what it does not know becomes INTERNAL. */
export function toVenturiError(thrown: unknown): VenturiError {
  if (thrown instanceof VenturiError) return thrown;
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return new VenturiError('INTERNAL', { detail, cause: thrown });
}

/** The JSON body of an error. */
export function errorBody(error: VenturiError): ErrorBody {
  const anchor = error.code.toLowerCase().replaceAll('_', '-');
  return { code: error.code, message: error.message, docs: `docs/reference/errors.md#${anchor}` };
}
