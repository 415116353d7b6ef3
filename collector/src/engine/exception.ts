// ClickHouse's exceptions as its HTTP interface shows them: a code, a text and a status.

/** Names of the exceptions that this program raises by itself, from ClickHouse's ErrorCodes.cpp. */
const NAMES = {
  48: 'NOT_IMPLEMENTED',
  60: 'UNKNOWN_TABLE',
  62: 'SYNTAX_ERROR',
  115: 'UNKNOWN_SETTING',
  164: 'READONLY',
  202: 'TOO_MANY_SIMULTANEOUS_QUERIES',
  209: 'SOCKET_TIMEOUT',
  344: 'SUPPORT_IS_DISABLED',
  394: 'QUERY_WAS_CANCELLED',
  456: 'UNKNOWN_QUERY_PARAMETER',
  497: 'ACCESS_DENIED',
  516: 'AUTHENTICATION_FAILED',
  1001: 'STD_EXCEPTION',
} as const;

/** An exception with its number; `message` is what an HTTP client is sent. */
export class EngineException extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.name = 'EngineException';
    this.code = code;
  }
}

/** An exception that this program raises itself, worded as ClickHouse words its own. */
export function exception(code: keyof typeof NAMES, text: string): EngineException {
  return new EngineException(code, `Code: ${code}. DB::Exception: ${text} (${NAMES[code]})`);
}

/** An exception from what chdb threw; where it carries no code, ClickHouse's STD_EXCEPTION. */
export function toException(thrown: unknown): EngineException {
  if (thrown instanceof EngineException) return thrown;
  const raw = thrown instanceof Error ? thrown.message : String(thrown);
  const message = raw.replace(/^(?:Query failed|Error): /, '').trim();
  const code = /^Code: (\d+)\./.exec(message)?.[1];
  if (code === undefined) return exception(1001, message);
  return new EngineException(Number(code), message);
}

const badRequest = [6, 25, 26, 27, 34, 36, 38, 41, 53, 62, 69, 70, 72, 117, 131, 168, 456, 457];
const notFound = [46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 336, 387];

/** As ClickHouse's exceptionCodeToHTTPStatus; what it does not name is 500. */
const STATUSES: ReadonlyMap<number, number> = new Map([
  ...badRequest.map((code): [number, number] => [code, 400]),
  ...notFound.map((code): [number, number] => [code, 404]),
  [164, 403],
  [344, 501],
  [497, 403],
  [516, 403],
  [159, 408],
  [241, 500],
  [48, 501],
  [202, 503],
  [209, 503],
  [439, 503],
]);

/** The status of an HTTP answer that carries this exception. */
export function httpStatusOf(code: number): number {
  return STATUSES.get(code) ?? 500;
}
