// The collector's own log: JSON lines on standard error, so that standard output stays the user's.
import { destination, type Logger, pino } from 'pino';

export type Log = Logger;

export interface LogOptions {
  /** A pino level: `trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`. */
  level: string;
  /** Which process writes, such as `venturi-collector`. */
  name: string;
}

/** Creates the root log. Parts take a child of it: `log.child({ part: 'spool' })`. */
export function createLog(options: LogOptions): Log {
  // Written synchronously: the last lines before an exit are the ones that matter.
  const stderr = destination({ dest: 2, sync: true });
  return pino({ level: options.level, name: options.name }, stderr);
}
