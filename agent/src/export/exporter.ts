// Takes spans, metric points and log records, makes batches of them, and sends them until the collector has acknowledged each.

import { gzip, gzipSync } from 'node:zlib';
import type { Config } from '../config/config.js';
import { parsePairs } from '../config/config.js';
import { runSuppressed } from '../context/store.js';
import { encodeMetrics, type MetricPoint } from '../otlp/metrics.js';
import { encodeRequest, type Resource } from '../otlp/request.js';
import { counters } from '../self/counters.js';
import { tell } from '../self/log.js';
import { Meter } from '../self/meter.js';
import { commitInFlight } from '../trace/in-flight.js';
import type { SpanBuffer } from '../trace/span-buffer.js';
import { type Batch, BatchQueue } from './queue.js';
import { backoffMs } from './retry.js';
import { CONNECTIONS_MAX, Sender, type SendResult, type Target } from './sender.js';

const GZIP_BYTES_MIN = 1024;
/** Level 1 takes a microsecond a request; the higher ones cost more and save nothing on spans. */
const GZIP_LEVEL = 1;
/** What other threads compress is not timed but estimated, from so much of the first batch. */
const GZIP_SAMPLE_BYTES = 16 * 1024;
/** A collector that starts at the same moment as the service is given this many attempts before anyone is told. */
const SILENT_FAILURES = 3;
/** Finished children of a request that goes on are sent after this many flushes. */
const FLUSHES_PER_COMMIT = 10;

const LOGS_PATH = '/v1/logs';
/** What a server answers that knows no such path, or not with this method. */
const MISSING_PATH: ReadonlySet<number> = new Set([404, 405, 501]);

const meter = new Meter('export');

/** What the exporter is made from. */
export interface ExporterOptions {
  config: Config;
  resource: Resource;
  /** Identifies this process in `venturi-batch`. */
  instanceId: string;
  spans: SpanBuffer;
}

/** What is known of the collector. */
type CollectorState = 'unknown' | 'answers' | 'silent';

/** Owns the queue and the connections of this process. */
export class Exporter {
  readonly target: Target;
  readonly #options: ExporterOptions;
  readonly #queue: BatchQueue;
  readonly #sender: Sender;
  readonly #compresses: boolean;
  readonly #inFlight = new Set<Batch>();
  readonly #compressing = new Set<Batch>();
  #timer: NodeJS.Timeout | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #state: CollectorState = 'unknown';
  #failures = 0;
  #sequence = 0;
  #flushes = 0;
  #gzipMsPerByte = 0;
  /** Spans or log records: what is worth holding up the end of a process for. */
  #hasRecords = false;
  #takesLogs = true;
  #isStopped = false;
  #onIdle: (() => void) | undefined;

  constructor(options: ExporterOptions) {
    const { config } = options;
    this.#options = options;
    this.target = {
      endpoint: new URL(config.endpoint),
      headers: parsePairs(config.headers),
      timeoutMs: config.exportTimeoutMs,
    };
    this.#compresses = shouldCompress(config.compression, this.target.endpoint.hostname);
    this.#sender = new Sender(this.target);
    const limits = { bytesMax: config.queueBytesMax, batchesMax: config.queueBatchesMax };
    this.#queue = new BatchQueue(limits, countDropped);
  }

  /** Starts the flush timer, which never keeps the process alive. */
  start(): void {
    this.#options.spans.onFull(() => this.flush());
    this.#timer = setInterval(() => {
      this.#flushes++;
      meter.run(() => {
        if (this.#flushes % FLUSHES_PER_COMMIT === 0) commitInFlight();
        this.flush();
      });
    }, this.#options.config.flushIntervalMs);
    this.#timer.unref();
  }

  /** Makes a batch of the spans that have ended and sends it as soon as the collector takes it. */
  flush(): void {
    this.#options.spans.take((items, spans, others) => {
      this.#hasRecords = true;
      const body = encodeRequest(this.#options.resource, items, others);
      this.#enqueue(this.#batch({ path: '/v1/traces', body, items: spans }));
    });
  }

  /** Sends metric points; they are encoded at once. `onLost` is called where the collector will never have them. */
  addMetrics(points: readonly MetricPoint[], onLost?: () => void): void {
    if (points.length === 0) return;
    const body = encodeMetrics(this.#options.resource, points);
    this.#enqueue(this.#batch({ path: '/v1/metrics', body, items: 0, onLost }));
  }

  /** Sends metrics that others have encoded. */
  addMetricsRequest(body: Buffer): void {
    this.#enqueue(this.#batch({ path: '/v1/metrics', body, items: 0 }));
  }

  /**
   * Sends a request with log records.
   * @returns false where the collector has no place for logs, so that no more need come
   */
  addLogs(body: Buffer, records: number): boolean {
    this.#hasRecords = true;
    const batch = this.#batch({ path: LOGS_PATH, body, items: records });
    if (this.#takesLogs) this.#enqueue(batch);
    else countDropped(batch);
    return this.#takesLogs;
  }

  /** Goes on under another resource, because more has become known of who this process is. */
  useResource(resource: Resource): void {
    this.#options.resource = resource;
  }

  /** Everything that the collector has not acknowledged, oldest first. Whoever calls this ends the process. */
  takeUnsent(): Batch[] {
    this.flush();
    const unsent = [...this.#inFlight];
    for (let batch = this.#queue.shift(); batch; batch = this.#queue.shift()) unsent.push(batch);
    // Functions can't go to another thread, and nobody would call them there.
    return [...unsent, ...this.#compressing].map(({ onLost: _, ...batch }) => batch);
  }

  /** Whether something waits for the collector. */
  get hasUnsent(): boolean {
    return (
      this.#options.spans.spans > 0 ||
      this.#queue.size + this.#inFlight.size + this.#compressing.size > 0
    );
  }

  /**
   * Whether it is worth holding up the end of the process: something is unsent, the collector was not silent when it
   * was last asked, and this is a process that records spans or logs at all.
   */
  get deservesExitFlush(): boolean {
    if (!this.hasUnsent || this.#state === 'silent') return false;
    return this.#state === 'answers' || this.#hasRecords || this.#options.spans.spans > 0;
  }

  /** Calls `done` when nothing is unsent any more or an attempt has failed; gives up a wait for a retry. */
  drain(done: () => void): void {
    commitInFlight();
    this.flush();
    this.#onIdle = done;
    this.#settle();
  }

  /** Stops the timers and closes the connections. */
  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
    clearTimeout(this.#retryTimer);
    this.#sender.close();
  }

  #batch(content: Pick<Batch, 'path' | 'body' | 'items' | 'onLost'>): Batch {
    const id = `${this.#options.instanceId}:${++this.#sequence}`;
    return { ...content, gzipped: false, id, attempts: 0 };
  }

  #enqueue(batch: Batch): void {
    if (!this.#compresses || batch.body.length <= GZIP_BYTES_MIN) {
      this.#queue.push(batch);
      this.#pump();
      return;
    }
    this.#compressing.add(batch);
    meter.add(batch.body.length * this.#gzipCost(batch.body));
    gzip(batch.body, { level: GZIP_LEVEL }, (error, compressed) => {
      this.#compressing.delete(batch);
      if (error === null) {
        batch.body = compressed;
        batch.gzipped = true;
      }
      this.#queue.push(batch);
      this.#pump();
    });
  }

  /** Milliseconds a byte. */
  #gzipCost(body: Uint8Array): number {
    if (this.#gzipMsPerByte !== 0) return this.#gzipMsPerByte;
    const sample = body.subarray(0, GZIP_SAMPLE_BYTES);
    const sinceMs = performance.now();
    gzipSync(sample, { level: GZIP_LEVEL });
    this.#gzipMsPerByte = (performance.now() - sinceMs) / sample.length;
    return this.#gzipMsPerByte;
  }

  #pump(): void {
    // Outside every request too, because connections and timers would keep the active span alive.
    runSuppressed(() => {
      while (
        !this.#isStopped &&
        this.#retryTimer === undefined &&
        this.#inFlight.size < CONNECTIONS_MAX
      ) {
        const batch = this.#queue.shift();
        if (batch === undefined) break;
        if (batch.path === LOGS_PATH && !this.#takesLogs) {
          countDropped(batch);
          continue;
        }
        this.#inFlight.add(batch);
        this.#sender.send(batch, (result) => meter.run(() => this.#sent(batch, result)));
      }
    });
  }

  #sent(batch: Batch, result: SendResult): void {
    this.#inFlight.delete(batch);
    if (this.#isStopped) return;
    if (result.outcome === 'retry') {
      this.#failed(batch, result);
    } else {
      this.#state = 'answers';
      this.#failures = 0;
      if (result.outcome === 'accepted') countExported(batch);
      else this.#refused(batch, result);
      this.#pump();
    }
    this.#settle();
  }

  #refused(batch: Batch, { status, detail }: { status: number; detail: string }): void {
    countDropped(batch);
    if (batch.path === LOGS_PATH && MISSING_PATH.has(status)) {
      // Traces alone are a sensible thing to collect: that is said once, and nothing is sent there any more.
      this.#takesLogs = false;
      tell('VENTURI_A024', `${this.target.endpoint.origin} (${detail})`);
    } else tell('VENTURI_A004', detail);
  }

  #failed(batch: Batch, result: { afterMs: number; detail: string }): void {
    this.#state = 'silent';
    batch.attempts++;
    this.#queue.unshift(batch);
    // Requests that fail side by side are one failure.
    if (this.#retryTimer !== undefined) return;
    this.#failures++;
    if (this.#failures === SILENT_FAILURES) {
      tell('VENTURI_A001', `${this.target.endpoint.origin} (${result.detail})`);
    }
    const waitMs = Math.max(result.afterMs, backoffMs(this.#failures, Math.random()));
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined;
      this.#pump();
    }, waitMs);
    this.#retryTimer.unref();
  }

  #settle(): void {
    if (this.#onIdle === undefined) return;
    if (this.#retryTimer === undefined && this.hasUnsent) return;
    const done = this.#onIdle;
    this.#onIdle = undefined;
    done();
  }
}

/** On one machine the processor pays for what the network would save. */
function shouldCompress(compression: string, host: string): boolean {
  if (compression !== '') return compression === 'gzip';
  return !(host === 'localhost' || host === '[::1]' || host.startsWith('127.'));
}

function countExported({ path, items }: Batch): void {
  if (path === LOGS_PATH) counters.logsExported += items;
  else counters.spansExported += items;
}

function countDropped({ path, items, onLost }: Batch): void {
  onLost?.();
  if (path === '/v1/metrics') counters.metricsDropped++;
  else if (path === LOGS_PATH) counters.logsDropped += items;
  else counters.spansDropped += items;
}
