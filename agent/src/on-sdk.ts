// The composition root where OpenTelemetry's SDK records: connects it and the runtime metrics to the exporter.

import { startSdk } from './api/sdk-engine.js';
import { makePieces, type SdkPieces } from './api/sdk-pieces.js';
import type { Config } from './config/config.js';
import { mainScript } from './config/main-script.js';
import { detectResource } from './config/resource.js';
import { installExitFlush } from './export/exit-flush.js';
import { Exporter } from './export/exporter.js';
import type { AttributeValue } from './otlp/attribute.js';
import { RESOURCE_ATTR } from './otlp/names.js';
import { encodeRequest, type Resource } from './otlp/request.js';
import { startRuntime } from './runtime/index.js';
import { spanBuffer } from './trace/span-buffer.js';

const NOTHING = new Uint8Array(0);

/** What runs beside an SDK. */
interface BesideSdk {
  pieces: SdkPieces;
  resource: Resource;
  /** Called when the process ends, before the last flush. */
  onEnd: () => void;
}

/** Starts exporter and runtime metrics; spans come through the pieces. */
export function startBesideSdk(config: Config): BesideSdk {
  let resource = detectResource(config, mainScript());
  const instanceId = String(resource.attributes[RESOURCE_ATTR.serviceInstanceId]);
  const exporter = new Exporter({ config, resource, instanceId, spans: spanBuffer });
  const pieces = makePieces({
    config,
    flush: () => exporter.flush(),
    sendMetrics: (scopes) => exporter.addMetricsRequest(encodeRequest(resource, NOTHING, scopes)),
    sendLogs: (scopes, records) =>
      exporter.addLogs(encodeRequest(resource, NOTHING, scopes), records),
    onResource: (theirs) => {
      resource = withTheirs(resource, theirs);
      exporter.useResource(resource);
    },
  });
  exporter.start();
  const runtime = startRuntime({
    config,
    metricsSink: (points, onLost) => exporter.addMetrics(points, onLost),
  });
  const beside: BesideSdk = { pieces, resource, onEnd: () => {} };
  installExitFlush({
    exporter,
    beforeLast: () => {
      beside.onEnd();
      runtime.flush();
    },
    timeoutMs: config.exitTimeoutMs,
  });
  return beside;
}

/** Starts the engine that VENTURI_ENGINE=otel asks for. */
export function startOnSdk(config: Config): void {
  const beside = startBesideSdk(config);
  const engine = startSdk({
    pieces: beside.pieces,
    attributes: beside.resource.attributes,
    metricsIntervalMs: config.metricsIntervalMs,
  });
  beside.onEnd = () => engine?.collect();
}

/** What the application says of itself goes before what the agent has found; the SDK's name for what it can't tell does not. */
function withTheirs(own: Resource, theirs: Readonly<Record<string, AttributeValue>>): Resource {
  const said = Object.entries(theirs).filter(
    ([name, value]) =>
      !name.startsWith('telemetry.sdk.') &&
      !(name === RESOURCE_ATTR.serviceName && String(value).startsWith('unknown_service')),
  );
  return { ...own, attributes: { ...own.attributes, ...Object.fromEntries(said) } };
}
