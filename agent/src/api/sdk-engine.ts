// Starts OpenTelemetry's NodeSDK in the place of the agent's own hooks and tracer.

import type { AttributeValue } from '../otlp/attribute.js';
import { tell, tellHookFailure } from '../self/log.js';
import { loadForApplication, loadForPackage } from './application-module.js';
import { type Instrumentation, installedInstrumentations } from './installed-instrumentations.js';
import type { SdkPieces } from './sdk-pieces.js';

const PACKAGE = '@opentelemetry/sdk-node';
const PROBLEM = 'VENTURI_A030';
/** The agent samples the runtime itself, under the same names. */
const OURS: ReadonlySet<string> = new Set(['@opentelemetry/instrumentation-runtime-node']);

/** The package, as far as it is used here, and what it depends on: it passes on nothing of that since 0.300. */
interface SdkNode {
  NodeSDK: new (options: object) => { start(): void };
}

interface SdkMetrics {
  PeriodicExportingMetricReader: new (options: object) => MetricReader;
}

interface Resources {
  /** Since 2.0. */
  resourceFromAttributes?(attributes: object): object;
}

interface MetricReader {
  forceFlush(): Promise<void>;
}

/** How the SDK is set up. */
export interface SdkOptions {
  pieces: SdkPieces;
  attributes: Readonly<Record<string, AttributeValue>>;
  metricsIntervalMs: number;
}

/** A running SDK. */
export interface SdkEngine {
  /** Collects metrics and logs that were not sent, because the process ends. */
  collect(): void;
}

/** Loads and starts it; where it is not installed, or can't be started, the application goes on without. */
export function startSdk(options: SdkOptions): SdkEngine | undefined {
  const sdk = loadForApplication(PACKAGE, PROBLEM) as SdkNode | undefined;
  if (sdk === undefined) return undefined;
  try {
    return startWith(sdk, options);
  } catch (error) {
    tellHookFailure(PACKAGE, error);
    return undefined;
  }
}

function startWith(
  { NodeSDK }: SdkNode,
  { pieces, attributes, metricsIntervalMs }: SdkOptions,
): SdkEngine | undefined {
  const { resourceFromAttributes } = loadForPackage(
    PACKAGE,
    '@opentelemetry/resources',
  ) as Resources;
  if (resourceFromAttributes === undefined) {
    tell(PROBLEM, `${PACKAGE} in a new enough version`);
    return undefined;
  }
  const metrics = loadForPackage(PACKAGE, '@opentelemetry/sdk-metrics') as SdkMetrics;
  const reader =
    process.env.OTEL_METRICS_EXPORTER === 'none'
      ? undefined
      : new metrics.PeriodicExportingMetricReader({
          exporter: pieces.metricExporter,
          exportIntervalMillis: metricsIntervalMs,
          exportTimeoutMillis: metricsIntervalMs,
        });
  new NodeSDK({
    resource: resourceFromAttributes(attributes),
    autoDetectResources: false,
    idGenerator: pieces.idGenerator,
    spanProcessors: [pieces.spanProcessor],
    metricReaders: reader === undefined ? [] : [reader],
    logRecordProcessors: [pieces.logRecordProcessor],
    instrumentations: instrumentations(),
  }).start();
  return {
    collect() {
      void reader?.forceFlush().catch(() => {});
      void pieces.logRecordProcessor.forceFlush();
    },
  };
}

function instrumentations(): Instrumentation[] {
  const installed = installedInstrumentations(OURS);
  if (installed.length === 0) tell('VENTURI_A031', 'looked beside the application and the agent');
  return installed;
}
