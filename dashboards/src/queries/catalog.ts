// Every query under the name by which dashboards ask for it.
import * as bottlenecks from './bottlenecks.js';
import * as calls from './calls.js';
import * as runtime from './runtime.js';
import * as service from './service.js';
import * as services from './services.js';
import * as trace from './trace.js';

/** SQL with the macros and variables of Grafana's ClickHouse datasource, by query name. */
export const QUERIES: Readonly<Record<string, string>> = {
  'bottlenecks.headline': bottlenecks.BOTTLENECK_HEADLINE,
  'bottlenecks.requests': bottlenecks.BOTTLENECK_REQUESTS,
  'bottlenecks.evidence': bottlenecks.BOTTLENECK_EVIDENCE,
  'bottlenecks.findings': bottlenecks.BOTTLENECK_FINDINGS,
  'bottlenecks.timeline': bottlenecks.BOTTLENECK_TIMELINE,
  'services.names': services.SERVICE_NAMES,
  'services.table': services.SERVICES_TABLE,
  'services.rate': services.SERVICES_RATE,
  'services.p95': services.SERVICES_P95,
  'service.summary': service.SERVICE_SUMMARY,
  'service.rate': service.SERVICE_RATE,
  'service.latency': service.SERVICE_LATENCY,
  'service.anatomy': service.SERVICE_ANATOMY,
  'service.routes': service.SERVICE_ROUTES,
  'service.slowest': service.SERVICE_SLOWEST,
  'service.latest': service.SERVICE_LATEST,
  'service.statements': calls.SERVICE_STATEMENTS,
  'service.downstream': calls.SERVICE_DOWNSTREAM,
  'service.exceptions': calls.SERVICE_EXCEPTIONS,
  'trace.waterfall': trace.TRACE_WATERFALL,
  'trace.summary': trace.TRACE_SUMMARY,
  'trace.spans': trace.TRACE_SPANS,
  'trace.events': trace.TRACE_EVENTS,
  'traces.slowest': trace.TRACES_SLOWEST,
  'traces.latest': trace.TRACES_LATEST,
  'runtime.summary': runtime.RUNTIME_SUMMARY,
  'runtime.loopDelay': runtime.RUNTIME_LOOP_DELAY,
  'runtime.loopUtilization': runtime.RUNTIME_LOOP_UTILIZATION,
  'runtime.heap': runtime.RUNTIME_HEAP,
  'runtime.heapSpaces': runtime.RUNTIME_HEAP_SPACES,
  'runtime.gcCount': runtime.RUNTIME_GC_COUNT,
  'runtime.gcPause': runtime.RUNTIME_GC_PAUSE,
  'runtime.memory': runtime.RUNTIME_MEMORY,
  'runtime.cpu': runtime.RUNTIME_CPU,
  'runtime.stalls': runtime.RUNTIME_STALLS,
};
