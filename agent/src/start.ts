// The composition root: reads the options, installs the hooks, and connects spans and runtime metrics to the exporter.

import { serveApi } from './api/index.js';
import { readConfig } from './config/config.js';
import { readDisabled } from './config/disabled-libraries.js';
import { setLimits } from './config/limits.js';
import { mainScript } from './config/main-script.js';
import { detectResource } from './config/resource.js';
import { agentEnv, thread } from './config/thread.js';
import { installExitFlush } from './export/exit-flush.js';
import { Exporter } from './export/exporter.js';
import { installHooks } from './instrumentation/index.js';
import { slowStep } from './instrumentation/slow-step.js';
import { flushForwarded, logging, startForwarding } from './logs/forward.js';
import { RESOURCE_ATTR } from './otlp/names.js';
import { encodeRequest } from './otlp/request.js';
import type { ScopedItems } from './otlp/scope.js';
import { startRuntime } from './runtime/index.js';
import { counters } from './self/counters.js';
import { leaveProcessToMainThread, tell } from './self/log.js';
import { startOverhead } from './self/overhead.js';
import { startSampler } from './trace/sampler.js';
import { spanBuffer } from './trace/span-buffer.js';

const NOTHING = new Uint8Array(0);

/** Starts the agent in this process. Call once, after the guard has agreed and before the application loads. */
export function start(): void {
  if (thread !== undefined) leaveProcessToMainThread();
  const config = readConfig(agentEnv());
  if (config.engine === 'otel') {
    const { startOnSdk } = require('./on-sdk.js') as typeof import('./on-sdk.js');
    startOnSdk(config);
    return;
  }
  const resource = detectResource(config, mainScript());
  const instanceId = String(resource.attributes[RESOURCE_ATTR.serviceInstanceId]);
  const exporter = new Exporter({ config, resource, instanceId, spans: spanBuffer });
  const sendLogs = (scopes: readonly ScopedItems[], records: number): boolean =>
    exporter.addLogs(encodeRequest(resource, NOTHING, scopes), records);
  const api = serveApi({
    config,
    flush: () => exporter.flush(),
    sendMetrics: (scopes) => exporter.addMetricsRequest(encodeRequest(resource, NOTHING, scopes)),
    sendLogs,
  });
  logging.correlates = config.logs !== 'off';
  if (config.logs === 'forward') {
    setLimits(config);
    startForwarding({ intervalMs: config.flushIntervalMs, send: sendLogs });
  }
  slowStep.thresholdMs = config.slowHandlerMs;
  const disabled = readDisabled(config.disabledLibraries);
  installHooks({ patches: api.patches, followsWorkers: config.workerThreads, disabled });
  if (config.contrib) api.startLongTail(disabled);
  startSampler({
    sampler: config.sampler,
    ratio: config.samplerRatio,
    spansPerS: config.spansPerSecond,
    slowRequestMs: config.slowRequestMs,
    spansMade: () => spanBuffer.total + counters.spansSampledOut,
  });
  exporter.start();
  const overhead = startOverhead({
    shareMax: config.cpuShareMax,
    without: [
      ...(config.logs === 'forward' ? [] : (['logs'] as const)),
      ...(config.sampler === '' && config.spansPerSecond !== 0 ? [] : (['spans'] as const)),
    ],
    onShed: (_step, share) => tell('VENTURI_A010', `${Math.round(share * 1000) / 10} %`),
  });
  const runtime = startRuntime({
    overhead,
    // The watchdog knows the main thread only.
    config: { ...config, watchdog: config.watchdog && thread === undefined },
    metricsSink: (points, onLost) => exporter.addMetrics(points.filter(isOfThread), onLost),
  });
  installExitFlush({
    exporter,
    beforeLast: () => {
      api.collect();
      flushForwarded();
      runtime.flush();
    },
    timeoutMs: config.exitTimeoutMs,
  });
}

/** Of the process as a whole the main thread tells. */
function isOfThread({ name }: { name: string }): boolean {
  return thread === undefined || !name.startsWith('process.');
}
