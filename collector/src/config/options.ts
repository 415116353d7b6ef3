// The one table of the collector's options; configuration, its checks and its documentation come from it.

interface OptionBase {
  /** Environment variable. */
  env: string;
  /** Command-line flag without the leading dashes. */
  flag: string;
  /** One sentence for a person. */
  doc: string;
}

export interface IntegerOption extends OptionBase {
  kind: 'integer';
  default: number;
  min: number;
  max: number;
  unit: 'ms' | 'bytes' | 'rows' | 'port' | 'count';
}

export interface TextOption extends OptionBase {
  kind: 'text';
  default: string;
  unit: 'folder' | 'url' | 'address' | 'level' | 'name' | 'secret';
  /** Where only some values make sense. */
  oneOf?: readonly string[];
}

interface FlagOption extends OptionBase {
  kind: 'flag';
  default: boolean;
  unit: 'yes or no';
}

export type Option = IntegerOption | TextOption | FlagOption;

const kib = 1024;
const mib = 1024 * kib;
const gib = 1024 * mib;
const bytesMax = 1024 * gib;
const dayMs = 86_400_000;

type Range = { default: number; min: number; max: number };

function integer(name: string, unit: IntegerOption['unit'], rest: Range & { doc: string }) {
  return { kind: 'integer', ...names(name), unit, ...rest } as const;
}

function text(name: string, unit: TextOption['unit'], rest: { default?: string; doc: string }) {
  return { kind: 'text', ...names(name), unit, default: '', ...rest } as const;
}

function flag(name: string, doc: string) {
  return { kind: 'flag', ...names(name), unit: 'yes or no', default: false, doc } as const;
}

/** `data-dir` is `--data-dir` and `VENTURI_DATA_DIR`. */
function names(name: string) {
  return { flag: name, env: `VENTURI_${name.toUpperCase().replaceAll('-', '_')}` };
}

const port = { min: 0, max: 65_535 };

/** Where the collector lives and what it talks to. */
const PLACE = {
  dataDir: text('data-dir', 'folder', {
    doc: 'Folder of the spool, the embedded ClickHouse and the lock. Empty: ~/.local/share/venturi, or venturi under XDG_DATA_HOME.',
  }),
  host: text('host', 'address', {
    default: '127.0.0.1',
    doc: 'Address to listen on. Anything but the loopback address is open to whoever reaches it.',
  }),
  port: integer('port', 'port', {
    ...port,
    default: 4318,
    doc: 'Port of OTLP over HTTP, the API, the viewer and health. 0 takes any free one.',
  }),
  portSearch: flag('port-search', 'Take the next free port where the wanted one is taken.'),
  enginePort: integer('engine-port', 'port', {
    ...port,
    default: 8123,
    doc: 'Port on which the embedded ClickHouse speaks HTTP. 0 takes any free one.',
  }),
  clickhouseUrl: text('clickhouse-url', 'url', {
    doc: 'URL of a ClickHouse server, with user and password where it wants them. Empty: the embedded one.',
  }),
  dashboardsDir: text('dashboards-dir', 'folder', {
    doc: 'Folder of the generated dashboards. Empty: the one that comes with Venturi.',
  }),
  exitWithParent: flag(
    'exit-with-parent',
    'Shut down when the IPC channel to the parent process closes.',
  ),
  logLevel: {
    ...text('log-level', 'level', {
      default: 'info',
      doc: 'The least important log lines that are written.',
    }),
    oneOf: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
  },
} as const;

/** Limits of what is received. */
const RECEIVE = {
  requestBytesMax: integer('request-bytes-max', 'bytes', {
    default: 16 * mib,
    min: kib,
    max: gib,
    doc: 'Most bytes of a request body as it was sent; more is answered 413.',
  }),
  decompressedBytesMax: integer('decompressed-bytes-max', 'bytes', {
    default: 64 * mib,
    min: kib,
    max: gib,
    doc: 'Most bytes of a request body after decompression; more is answered 413.',
  }),
  inFlightBytesMax: integer('in-flight-bytes-max', 'bytes', {
    default: 256 * mib,
    min: mib,
    max: 64 * gib,
    doc: 'Most bytes of request bodies held in memory at once; more is answered 503.',
  }),
  requestTimeoutMs: integer('request-timeout-ms', 'ms', {
    default: 30_000,
    min: 1000,
    max: 600_000,
    doc: 'Longest time in which a request must have arrived.',
  }),
  batchKeysMax: integer('batch-keys-max', 'count', {
    default: 100_000,
    min: 100,
    max: 10_000_000,
    doc: 'Most venturi-batch keys remembered, so that a retry is not stored again.',
  }),
  batchWindowMs: integer('batch-window-ms', 'ms', {
    default: 300_000,
    min: 1000,
    max: dayMs,
    doc: 'How long a venturi-batch key is remembered across a restart.',
  }),
} as const;

/** Limits of one span or point. */
const DECODE = {
  attributesMax: integer('attributes-max', 'count', {
    default: 128,
    min: 1,
    max: 10_000,
    doc: 'Most attributes kept of a span, event, link or point.',
  }),
  eventsMax: integer('events-max', 'count', {
    default: 128,
    min: 0,
    max: 10_000,
    doc: 'Most events, and most links, kept of a span.',
  }),
  valueBytesMax: integer('value-bytes-max', 'bytes', {
    default: 4 * kib,
    min: 16,
    max: mib,
    doc: 'Most bytes of an attribute value or name; longer ones are cut.',
  }),
  longValueBytesMax: integer('long-value-bytes-max', 'bytes', {
    default: 16 * kib,
    min: 16,
    max: mib,
    doc: 'Most bytes of a statement, a stack or an exception; longer ones are cut.',
  }),
} as const;

/** The spool: what is acknowledged and not in ClickHouse yet. */
const SPOOL = {
  blockIntervalMs: integer('block-interval-ms', 'ms', {
    default: 100,
    min: 1,
    max: 10_000,
    doc: 'A block closes this long after its first request; longer means fewer fsyncs and later answers.',
  }),
  blockBytesMax: integer('block-bytes-max', 'bytes', {
    default: 8 * mib,
    min: 64 * kib,
    max: 256 * mib,
    doc: 'A block closes at this size even before its time.',
  }),
  blocksPendingMax: integer('blocks-pending-max', 'count', {
    default: 4,
    min: 1,
    max: 64,
    doc: 'Most closed blocks that wait for the disk; beyond that requests are answered 503.',
  }),
  spoolBytesMax: integer('spool-bytes-max', 'bytes', {
    default: 4 * gib,
    min: mib,
    max: bytesMax,
    doc: 'Most bytes in the spool; beyond that requests are answered 429 until ClickHouse has caught up.',
  }),
} as const;

/** The inserter, and the ends of the process. */
const INSERT = {
  insertRows: integer('insert-rows', 'rows', {
    default: 50_000,
    min: 1,
    max: 100_000,
    doc: 'Rows that make an insert at once, and about the most that one insert holds.',
  }),
  insertIntervalMs: integer('insert-interval-ms', 'ms', {
    default: 5000,
    min: 10,
    max: 600_000,
    doc: 'Age at which spooled rows are inserted however few they are.',
  }),
  watchedInsertIntervalMs: integer('watched-insert-interval-ms', 'ms', {
    default: 500,
    min: 10,
    max: 600_000,
    doc: 'The same while somebody watches a page or asks for a report.',
  }),
  watchWindowMs: integer('watch-window-ms', 'ms', {
    default: 15_000,
    min: 1000,
    max: 3_600_000,
    doc: 'How long after the last page or report somebody counts as watching.',
  }),
  insertRetryMinMs: integer('insert-retry-min-ms', 'ms', {
    default: 200,
    min: 1,
    max: 60_000,
    doc: 'First wait before a failed insert is tried again; it doubles from there.',
  }),
  insertRetryMaxMs: integer('insert-retry-max-ms', 'ms', {
    default: 30_000,
    min: 1,
    max: 600_000,
    doc: 'Longest wait before a failed insert is tried again.',
  }),
  drainTimeoutMs: integer('drain-timeout-ms', 'ms', {
    default: 5000,
    min: 0,
    max: 600_000,
    doc: 'At shutdown, longest wait for requests that are being answered.',
  }),
  flushTimeoutMs: integer('flush-timeout-ms', 'ms', {
    default: 10_000,
    min: 0,
    max: 600_000,
    doc: 'At shutdown, longest wait for the spool to reach ClickHouse; the rest stays on disk.',
  }),
} as const;

/** The locator, which looks for bottlenecks by itself. */
const LOCATE = {
  locateIntervalMs: integer('locate-interval-ms', 'ms', {
    default: 60_000,
    min: 1000,
    max: dayMs,
    doc: 'How often bottlenecks are looked for while nobody watches.',
  }),
  watchedLocateIntervalMs: integer('watched-locate-interval-ms', 'ms', {
    default: 10_000,
    min: 1000,
    max: dayMs,
    doc: 'The same while somebody watches a page or asks for a report.',
  }),
  locateWindowMs: integer('locate-window-ms', 'ms', {
    default: 300_000,
    min: 10_000,
    max: dayMs,
    doc: 'How far back bottlenecks are looked for.',
  }),
} as const;

export const OPTIONS = {
  ...PLACE,
  ...RECEIVE,
  ...DECODE,
  ...SPOOL,
  ...INSERT,
  ...LOCATE,
} as const;

export type OptionName = keyof typeof OPTIONS;
