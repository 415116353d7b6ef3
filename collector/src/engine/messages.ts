// What the collector and its engine say to each other over the IPC channel.

/** The first message to the engine; it opens the data folder and listens. */
export interface InitMessage {
  type: 'init';
  /** Absolute. The engine's data lie in `<dataDir>/engine`, files named by `venturi-file` in `<dataDir>/spool`. */
  dataDir: string;
  port: number;
  portSearch: boolean;
  /** Opens everything that is more than reading. */
  key: string;
  limits: EngineLimits;
}

export interface EngineLimits {
  /** Connections that read at the same time. */
  readers: number;
  /** Statements that may wait for a connection of their kind; the next one is answered 503. */
  waitingMax: number;
  /** Longest wait for a connection, in milliseconds. */
  waitTimeoutMs: number;
  /** Most memory that the engine's queries and caches may take together. */
  memoryBytesMax: number;
  /** Most bytes of one result. */
  resultBytesMax: number;
  /** Most bytes of a statement. */
  statementBytesMax: number;
  /** Most bytes of the data of one INSERT. */
  insertBytesMax: number;
  /** Time that a reading statement is given where it does not ask for another, in seconds. */
  readSecondsDefault: number;
  /** Most time that a reading statement may ask for, in seconds. */
  readSecondsMax: number;
}

interface StopMessage {
  type: 'stop';
}

interface ReadyMessage {
  type: 'ready';
  port: number;
  version: string;
}

/** Why the engine could not start; `reason` decides which error of the table the caller sees. */
export interface FailedMessage {
  type: 'failed';
  reason: 'platform' | 'folder-in-use' | 'folder-unusable' | 'port-taken' | 'other';
  detail: string;
}

export type ToEngine = InitMessage | StopMessage;
export type FromEngine = ReadyMessage | FailedMessage;

const mib = 1024 * 1024;

/** Limits for a process that shares a small machine with the service that it looks at. */
export const DEFAULT_LIMITS: EngineLimits = {
  readers: 4,
  waitingMax: 64,
  waitTimeoutMs: 30_000,
  memoryBytesMax: 1024 * mib,
  resultBytesMax: 256 * mib,
  statementBytesMax: mib,
  insertBytesMax: 512 * mib,
  readSecondsDefault: 30,
  readSecondsMax: 600,
};
