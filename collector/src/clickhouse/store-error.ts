// What went wrong between the collector and ClickHouse, and whether trying the same thing again can help.
import { ClickHouseError } from '@clickhouse/client';

/**
 * ClickHouse exceptions that say that the data or the statement itself is at fault: the same bytes
 * will fail for ever. Everything else (no memory, too many parts, a lost connection) may pass.
 * The numbers are those of ClickHouse's ErrorCodes.cpp.
 */
const PERMANENT_CODES: ReadonlySet<number> = new Set([
  6, // CANNOT_PARSE_TEXT
  8, // THERE_IS_NO_COLUMN
  9, // SIZES_OF_COLUMNS_DOESNT_MATCH
  16, // NO_SUCH_COLUMN_IN_TABLE
  25, // CANNOT_PARSE_ESCAPE_SEQUENCE
  26, // CANNOT_PARSE_QUOTED_STRING
  27, // CANNOT_PARSE_INPUT_ASSERTION_FAILED
  32, // ATTEMPT_TO_READ_AFTER_EOF
  33, // CANNOT_READ_ALL_DATA
  36, // BAD_ARGUMENTS
  38, // CANNOT_PARSE_DATE
  41, // CANNOT_PARSE_DATETIME
  43, // ILLEGAL_TYPE_OF_ARGUMENT
  44, // ILLEGAL_COLUMN
  46, // UNKNOWN_FUNCTION
  47, // UNKNOWN_IDENTIFIER
  50, // UNKNOWN_TYPE
  53, // TYPE_MISMATCH
  62, // SYNTAX_ERROR
  69, // ARGUMENT_OUT_OF_BOUND
  70, // CANNOT_CONVERT_TYPE
  72, // CANNOT_PARSE_NUMBER
  73, // UNKNOWN_FORMAT
  115, // UNKNOWN_SETTING
  117, // INCORRECT_DATA
  131, // TOO_LARGE_STRING_SIZE
  190, // SIZES_OF_ARRAYS_DONT_MATCH
  349, // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
  456, // UNKNOWN_QUERY_PARAMETER
  457, // BAD_QUERY_PARAMETER
  636, // CANNOT_EXTRACT_TABLE_STRUCTURE
]);

/** TOO_MANY_PARTS: raised for a block that spans too many partitions as well as for a busy table. */
const tooManyParts = 252;
const timeoutExceeded = 159;

/** A statement that ClickHouse refused, or that did not reach it. */
export class StoreError extends Error {
  /** ClickHouse's exception code, 0 where no answer came. */
  readonly clickhouseCode: number;
  /** True where the same statement may succeed later; false where its data or text is at fault. */
  readonly retryable: boolean;
  /** True where nobody can say whether the statement took effect: the connection was lost in between. */
  readonly ambiguous: boolean;
  /** True where the time that the query was given ran out. */
  readonly timedOut: boolean;

  constructor(
    message: string,
    about: { clickhouseCode: number; timedOut?: boolean; cause?: unknown },
  ) {
    super(message, { cause: about.cause });
    this.name = 'StoreError';
    this.clickhouseCode = about.clickhouseCode;
    this.ambiguous = about.clickhouseCode === 0;
    this.timedOut = about.timedOut ?? about.clickhouseCode === timeoutExceeded;
    this.retryable =
      about.clickhouseCode === tooManyParts
        ? !message.includes('partitions')
        : !PERMANENT_CODES.has(about.clickhouseCode);
  }
}

/** Turns what the client threw into a StoreError. */
export function toStoreError(thrown: unknown): StoreError {
  if (thrown instanceof StoreError) return thrown;
  if (thrown instanceof ClickHouseError) {
    return new StoreError(thrown.message, { clickhouseCode: Number(thrown.code), cause: thrown });
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const code = /\bCode: (\d+)\./.exec(message)?.[1];
  return new StoreError(message === '' ? 'ClickHouse does not answer' : message, {
    clickhouseCode: code === undefined ? 0 : Number(code),
    cause: thrown,
  });
}
