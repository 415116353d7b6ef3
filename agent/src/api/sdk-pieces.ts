// The agent's pieces in the forms that OpenTelemetry's SDK takes, so that what it records goes the way of the agent.

import { setLimits } from '../config/limits.js';
import { otherManager } from '../context/store.js';
import type { AttributeValue } from '../otlp/attribute.js';
import { type LogProcessor, logProcessor } from './application-logs.js';
import { type MetricExporter, metricExporter } from './application-metrics.js';
import { suppressInOther } from './global-api.js';
import type { ApiOptions } from './implementation.js';
import { sdkIds, spanEnded } from './sdk-ids.js';
import { recordSdkSpan, type SdkSpan } from './sdk-span.js';

/** The resource of a span, whose detectors may take their time. */
interface SdkResource {
  attributes: object;
  asyncAttributesPending?: boolean;
  waitForAsyncAttributes?(): Promise<void>;
  getRawAttributes?(): [name: string, value: unknown][];
}

/** What the SDK calls a span processor. */
interface SpanProcessor {
  onStart(span: { resource: SdkResource }): void;
  onEnd(span: SdkSpan): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** What an SDK is given. */
export interface SdkPieces {
  spanProcessor: SpanProcessor;
  /** For a `PeriodicExportingMetricReader`. */
  metricExporter: MetricExporter;
  logRecordProcessor: LogProcessor;
  idGenerator: { generateTraceId(): string; generateSpanId(): string };
}

/** How the pieces get on. */
export interface PieceOptions extends ApiOptions {
  /** Called once or twice, with the resource attributes that the SDK was given. */
  onResource(attributes: Readonly<Record<string, AttributeValue>>): void;
}

/** Makes the pieces. From now on the agent's requests are kept out of what the SDK records. */
export function makePieces(options: PieceOptions): SdkPieces {
  const { config, sendMetrics, sendLogs } = options;
  setLimits(config);
  otherManager.suppress = suppressInOther;
  return {
    spanProcessor: spanProcessor(options),
    metricExporter: metricExporter({ send: sendMetrics }),
    logRecordProcessor: logProcessor({
      intervalMs: config.flushIntervalMs,
      send: sendLogs,
    }),
    idGenerator: sdkIds,
  };
}

function spanProcessor({ flush, onResource }: PieceOptions): SpanProcessor {
  let isResourceKnown = false;
  const flushed = (): Promise<void> => Promise.resolve(flush());
  return {
    onStart({ resource }) {
      if (isResourceKnown) return;
      isResourceKnown = true;
      learnResource(resource, onResource);
    },
    onEnd(span) {
      spanEnded(span.spanContext().spanId);
      recordSdkSpan(span);
    },
    forceFlush: flushed,
    shutdown: flushed,
  };
}

/** At once what is known at once, the service's name above all; what detectors find out comes later. */
function learnResource(resource: SdkResource, onResource: PieceOptions['onResource']): void {
  const isPending = resource.asyncAttributesPending === true;
  onResource(isPending ? settled(resource) : attributesOf(resource));
  if (!isPending) return;
  void resource.waitForAsyncAttributes?.().then(
    () => onResource(attributesOf(resource)),
    () => {},
  );
}

/** Of several under one name the first counts. */
function settled(resource: SdkResource): Record<string, AttributeValue> {
  const known = resource.getRawAttributes?.().filter(([, value]) => typeof value !== 'object');
  return Object.fromEntries((known ?? []).toReversed()) as Record<string, AttributeValue>;
}

function attributesOf({ attributes }: SdkResource): Record<string, AttributeValue> {
  return attributes as Record<string, AttributeValue>;
}
