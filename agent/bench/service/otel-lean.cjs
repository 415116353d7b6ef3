// A lean OpenTelemetry: the NodeSDK with the instrumentations of http, fastify, pg and ioredis alone.
const { createRequire } = require('node:module');
const { join } = require('node:path');

const load = createRequire(join(process.env.PEERS_DIR, 'package.json'));
const { NodeSDK } = load('@opentelemetry/sdk-node');
const { HttpInstrumentation } = load('@opentelemetry/instrumentation-http');
const { PgInstrumentation } = load('@opentelemetry/instrumentation-pg');
const { IORedisInstrumentation } = load('@opentelemetry/instrumentation-ioredis');
const { FastifyOtelInstrumentation } = load('@fastify/otel');

new NodeSDK({
  instrumentations: [
    new HttpInstrumentation(),
    new PgInstrumentation(),
    new IORedisInstrumentation(),
    new FastifyOtelInstrumentation({ registerOnInitialization: true }),
  ],
}).start();
