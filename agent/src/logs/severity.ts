// Severities of OpenTelemetry's logs data model for the levels of loggers.

const HIGHEST = 24;
/** A range of severities, such as DEBUG to DEBUG4. */
const RANGE = 4;

/**
 * By name: the levels of pino, of console, and those of winston (npm, cli and syslog), the latter as the appendix of
 * OpenTelemetry's data model maps syslog. Between INFO and DEBUG lies what a service says only when asked.
 */
const BY_NAME: Readonly<Record<string, number>> = {
  silly: 1,
  trace: 1,
  input: 2,
  prompt: 4,
  debug: 5,
  verbose: 6,
  http: 7,
  info: 9,
  log: 9,
  data: 10,
  notice: 10,
  help: 11,
  warn: 13,
  warning: 13,
  error: 17,
  crit: 18,
  alert: 19,
  emerg: 21,
  fatal: 21,
};

/** By the name of a level; 0, unspecified, where it says nothing. */
export function severityOfName(name: string): number {
  return Object.hasOwn(BY_NAME, name) ? (BY_NAME[name] as number) : 0;
}

/** By a level of pino's scale, where TRACE is 10 and FATAL 60; what lies between two falls between theirs. */
export function severityOfNumber(level: number): number {
  const severity = 1 + Math.floor(((level - 10) * RANGE) / 10);
  return Math.min(Math.max(severity, 1), HIGHEST) || 0;
}
