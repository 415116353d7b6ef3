// OTLP over HTTP: POST /v1/traces and /v1/metrics. A request is answered 200 only once it is durable.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Counters } from '../self/counters.js';
import { toVenturiError, VenturiError } from '../self/errors.js';
import type { Log } from '../self/log.js';
import { exportResponse, statusBody, statusJson } from './answer.js';
import { type Batches, type BatchResult, batchKey } from './batches.js';
import { type BodyLimits, decompress, readBody } from './body.js';
import { ByteSemaphore, type Reservation } from './semaphore.js';

export type ReceivedSignal = 'traces' | 'metrics';

/** Stores a request; resolves when it is durable. Throws what the answer is to say. */
export type StoreRequest = (request: {
  signal: ReceivedSignal;
  /** Only read before the first await. */
  body: Buffer;
  key: string | undefined;
}) => Promise<BatchResult>;

export interface ReceiveDeps {
  store: StoreRequest;
  batches: Batches;
  limits: BodyLimits & { inFlightBytesMax: number };
  counters: Counters;
  log: Log;
}

const protobufType = 'application/x-protobuf';

/** Registers the OTLP routes. Bodies of these routes are read here and not by Fastify's parsers. */
export function registerReceive(fastify: FastifyInstance, deps: ReceiveDeps): void {
  const semaphore = new ByteSemaphore(deps.limits.inFlightBytesMax);
  fastify.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    // The body stays a stream: it is read by `receive`, where its bytes are counted.
    scope.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null));
    for (const signal of ['traces', 'metrics'] as const) {
      scope.post(`/v1/${signal}`, (request, reply) => receive(request, reply, signal));
    }
    scope.setErrorHandler((error, request, reply) => fail(error, request, reply));
    done();
  });

  async function receive(
    request: FastifyRequest,
    reply: FastifyReply,
    signal: ReceivedSignal,
  ): Promise<FastifyReply> {
    deps.counters.add('requestsReceived');
    const held = semaphore.open();
    // A connection that ends early gives its bytes back as well.
    reply.raw.once('close', () => held.release());
    try {
      const result = await take(request, signal, held);
      return reply.type(protobufType).send(exportResponse(result.rejected, result.message));
    } finally {
      held.release();
    }
  }

  async function take(
    request: FastifyRequest,
    signal: ReceivedSignal,
    held: Reservation,
  ): Promise<BatchResult> {
    checkType(request.headers['content-type']);
    const declared = Number(request.headers['content-length'] ?? 0);
    if (declared > deps.limits.requestBytesMax) {
      throw new VenturiError('BODY_TOO_LARGE', { detail: `${deps.limits.requestBytesMax} bytes` });
    }
    const raw = await readBody(request.raw, deps.limits, held);
    const key = batchKey(request.headers['venturi-batch']);
    const known = key === undefined ? undefined : deps.batches.find(`${signal}/${key}`);
    if (known) {
      deps.counters.add('requestsDuplicate');
      return await known;
    }
    const body = await decompress(raw, request.headers['content-encoding'], {
      limits: deps.limits,
      held,
    });
    return await storeOnce(signal, body, key);
  }

  async function storeOnce(
    signal: ReceivedSignal,
    body: Buffer,
    key: string | undefined,
  ): Promise<BatchResult> {
    if (key === undefined) return await deps.store({ signal, body, key });
    const name = `${signal}/${key}`;
    // Asked again: the same batch may have come in while this one was decompressed.
    const known = deps.batches.find(name);
    if (known) {
      deps.counters.add('requestsDuplicate');
      return await known;
    }
    const outcome = deps.store({ signal, body, key: name });
    deps.batches.remember(name, outcome);
    return await outcome;
  }

  function fail(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const error = toVenturiError(thrown);
    deps.counters.add('requestsRefused');
    if (error.code === 'INTERNAL') deps.log.error({ err: thrown }, 'a request failed');
    else deps.log.debug({ code: error.code, message: error.message }, 'a request was refused');
    reply.code(error.httpStatus);
    if (error.retryAfterSeconds !== undefined) reply.header('retry-after', error.retryAfterSeconds);
    // What was not read of the body cannot be told from the next request.
    if (!request.raw.readableEnded) reply.header('connection', 'close');
    const isJson = request.headers['content-type']?.startsWith('application/json') === true;
    if (isJson) {
      return reply.type('application/json').send(statusJson(error.httpStatus, error.message));
    }
    return reply.type(protobufType).send(statusBody(error.httpStatus, error.message));
  }
}

function checkType(header: string | undefined): void {
  const type = header?.split(';')[0]?.trim().toLowerCase();
  if (type !== protobufType && type !== 'application/protobuf') {
    throw new VenturiError('MEDIA_TYPE_UNSUPPORTED', { detail: type?.slice(0, 80) });
  }
}
