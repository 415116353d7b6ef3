// The names of the published contract: attributes, headers and span names that agent and collector must spell alike.

/**
 * Attribute names. Those without the `venturi.` prefix are OpenTelemetry's stable semantic conventions.
 * Every name that ends in `_ms` is a double in milliseconds.
 */
export const ATTR = {
  httpRequestMethod: 'http.request.method',
  httpRoute: 'http.route',
  httpResponseStatusCode: 'http.response.status_code',
  httpResendCount: 'http.request.resend_count',
  urlPath: 'url.path',
  urlFull: 'url.full',
  urlScheme: 'url.scheme',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  clientAddress: 'client.address',
  peerAddress: 'network.peer.address',
  peerPort: 'network.peer.port',
  protocolVersion: 'network.protocol.version',
  userAgent: 'user_agent.original',
  errorType: 'error.type',
  dbSystem: 'db.system.name',
  dbNamespace: 'db.namespace',
  dbQueryText: 'db.query.text',
  dbOperation: 'db.operation.name',
  dbCollection: 'db.collection.name',
  dbFingerprint: 'venturi.db.fingerprint',
  poolName: 'db.client.connection.pool.name',
  codeFunction: 'code.function.name',
  codeFile: 'code.file.path',
  codeLine: 'code.line.number',
  stepKind: 'venturi.step.kind',
  stepOwner: 'venturi.step.owner',
  codeStack: 'code.stacktrace',
  exceptionType: 'exception.type',
  exceptionMessage: 'exception.message',
  exceptionStack: 'exception.stacktrace',
  loopBusyMs: 'venturi.loop_busy_ms',
  loopBlockedMs: 'venturi.loop_blocked_ms',
  gcMs: 'venturi.gc_ms',
  heapGrowthBytes: 'venturi.heap_growth_bytes',
  poolWaitMs: 'venturi.pool_wait_ms',
  poolWaitCount: 'venturi.pool_wait_count',
  poolHoldMs: 'venturi.pool_hold_ms',
  dbCount: 'venturi.db_count',
  dbMs: 'venturi.db_ms',
  outCount: 'venturi.out_count',
  outMs: 'venturi.out_ms',
  repeatCount: 'venturi.n_plus_one.count',
  repeatMs: 'venturi.n_plus_one.ms',
  repeatFingerprint: 'venturi.n_plus_one.fingerprint',
  repeatFunction: 'venturi.n_plus_one.function',
  repeatFile: 'venturi.n_plus_one.file',
  repeatLine: 'venturi.n_plus_one.line',
  repeatConfidence: 'venturi.n_plus_one.confidence',
  duplicateCount: 'venturi.duplicate_queries.count',
  duplicateMs: 'venturi.duplicate_queries.ms',
  duplicateFingerprint: 'venturi.duplicate_queries.fingerprint',
  serialCount: 'venturi.serial_awaits.count',
  serialMs: 'venturi.serial_awaits.ms',
  serialConfidence: 'venturi.serial_awaits.confidence',
  socketWaitMs: 'venturi.socket_wait_ms',
  dnsMs: 'venturi.dns_ms',
  connectMs: 'venturi.connect_ms',
  tlsMs: 'venturi.tls_ms',
  sendMs: 'venturi.send_ms',
  ttfbMs: 'venturi.ttfb_ms',
  bodyMs: 'venturi.body_ms',
  connectionReused: 'venturi.connection.reused',
  resendOf: 'venturi.resend_of',
  poolSize: 'venturi.pool.size',
  poolPending: 'venturi.pool.pending',
  poolOutcome: 'venturi.pool.outcome',
  poolHolder: 'venturi.pool.holder',
  poolHolderIdle: 'venturi.pool.holder_idle',
  stallKind: 'venturi.stall.kind',
  stallCpuMs: 'venturi.stall.cpu_ms',
  stallSamples: 'venturi.stall.samples',
  stallInflight: 'venturi.stall.inflight',
  stallVictimMs: 'venturi.stall.victim_ms',
  stallNative: 'venturi.stall.native',
} as const;

/** Resource attribute names (OpenTelemetry semantic conventions). */
export const RESOURCE_ATTR = {
  serviceName: 'service.name',
  serviceVersion: 'service.version',
  serviceInstanceId: 'service.instance.id',
  deploymentEnvironment: 'deployment.environment.name',
  hostName: 'host.name',
  processPid: 'process.pid',
  threadId: 'thread.id',
  runtimeName: 'process.runtime.name',
  runtimeVersion: 'process.runtime.version',
  sdkName: 'telemetry.sdk.name',
  sdkLanguage: 'telemetry.sdk.language',
  sdkVersion: 'telemetry.sdk.version',
} as const;

/** Names of spans that are not named after what the application called. */
export const SPAN_NAME = {
  stall: 'event loop blocked',
  poolConnect: 'pg-pool.connect',
  mysqlPool: 'mysql2.getConnection',
  mongoPool: 'mongodb.checkOut',
} as const;

/** The request header that names a batch, as `<instance uuid>:<sequence>`, so that a retry is never counted twice. */
export const BATCH_HEADER = 'venturi-batch';

/** The instrumentation scope that every span and metric of this agent carries. */
export const SCOPE_NAME = '@venturi/agent';

/** `Span.SpanKind` of OTLP's trace.proto. */
export const SpanKind = { INTERNAL: 1, SERVER: 2, CLIENT: 3, PRODUCER: 4, CONSUMER: 5 } as const;

/** One of the values of `SpanKind`. */
export type SpanKindValue = (typeof SpanKind)[keyof typeof SpanKind];

/** `Status.StatusCode` of OTLP's trace.proto. */
export const StatusCode = { UNSET: 0, OK: 1, ERROR: 2 } as const;
