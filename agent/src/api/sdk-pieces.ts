// The agent's pieces in the forms that OpenTelemetry's SDK takes, so that what it records goes the way of the agent.

import { otherManager } from '../context/store.js';
import type { AttributeValue } from '../otlp/attribute.js';
import { type LogProcessor, logProcessor } from './application-logs.js';
import { type MetricExporter, metricExporter } from './application-metrics.js';
import { suppressInOther } from './global-api.js';
import type { ApiOptions } from './implementation.js';
import { setLimits } from './limits.js';
import { sdkIds, spanEnded } from './sdk-ids.js';
import { recordSdkSpan, type SdkSpan } from './sdk-span.js';

/** The resource of a span, whose detectors may take their time. */
interface SdkResource {
  attributes: object;
  asyncAttributesPending?: boolean;
  waitForAsyncAttributes?(): Promise<void>;
}

/** What the SDK calls a span processor. */
export interface SpanProcessor {
  onStart(span: object): void;
  onEnd(span: SdkSpan & { resource: SdkResource }): void;
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
  /** Called once, with the resource attributes that the SDK was given. */
  onResource(attributes: Readonly<Record<string, AttributeValue>>): void;
}

/** Makes the pieces. From now on the agent's requests are kept out of what the SDK records. */
export function makePieces(options: PieceOptions): SdkPieces {
  const { config, send } = options;
  setLimits(config);
  otherManager.suppress = suppressInOther;
  return {
    spanProcessor: spanProcessor(options),
    metricExporter: metricExporter({ send: (scopes) => send('/v1/metrics', scopes) }),
    logRecordProcessor: logProcessor({
      intervalMs: config.flushIntervalMs,
      send: (scopes) => send('/v1/logs', scopes),
    }),
    idGenerator: sdkIds,
  };
}

function spanProcessor({ flush, onResource }: PieceOptions): SpanProcessor {
  let isResourceKnown = false;
  const flushed = (): Promise<void> => Promise.resolve(flush());
  return {
    onStart() {},
    onEnd(span) {
      if (!isResourceKnown) {
        isResourceKnown = true;
        learnResource(span.resource, onResource);
      }
      spanEnded(span.spanContext().spanId);
      recordSdkSpan(span);
    },
    forceFlush: flushed,
    shutdown: flushed,
  };
}

function learnResource(resource: SdkResource, onResource: PieceOptions['onResource']): void {
  const learn = (): void => onResource(resource.attributes as Record<string, AttributeValue>);
  if (resource.asyncAttributesPending === true && resource.waitForAsyncAttributes !== undefined) {
    void resource.waitForAsyncAttributes().then(learn, () => {});
  } else learn();
}
