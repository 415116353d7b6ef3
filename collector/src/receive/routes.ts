// OTLP over HTTP: POST /v1/traces and /v1/metrics. A request is answered 200 only once it is durable.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Counters } from '../self/counters.js';
import { toVenturiError, VenturiError } from '../self/errors.js';
import type { Log } from '../self/log.js';
import { exportResponse, statusBody, statusJson } from './answer.js';
import { type Batches, type BatchResult, batchKey } from './batches.js';
import { type BodyLimits, decompress, readBody } from './body.js';
import { ByteSemaphore, type Reservation } from './semaphore.js';

type ReceivedSignal = 'traces' | 'metrics';

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
  const receiver = new Receiver(deps);
  fastify.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    // The body stays a stream: it is read by the receiver, where its bytes are counted.
    scope.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null));
    for (const signal of ['traces', 'metrics'] as const) {
      scope.post(`/v1/${signal}`, (request, reply) => receiver.receive(request, reply, signal));
    }
    scope.setErrorHandler((error, request, reply) => receiver.fail(error, request, reply));
    done();
  });
}

class Receiver {
  readonly #deps: ReceiveDeps;
  readonly #semaphore: ByteSemaphore;

  constructor(deps: ReceiveDeps) {
    this.#deps = deps;
    this.#semaphore = new ByteSemaphore(deps.limits.inFlightBytesMax);
  }

  async receive(
    request: FastifyRequest,
    reply: FastifyReply,
    signal: ReceivedSignal,
  ): Promise<FastifyReply> {
    this.#deps.counters.add('requestsReceived');
    const held = this.#semaphore.open();
    // A connection that ends early gives its bytes back as well.
    reply.raw.once('close', () => held.release());
    const result = await this.#take(request, signal, held).finally(() => held.release());
    return reply.type(protobufType).send(exportResponse(result.rejected, result.message));
  }

  fail(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const { counters, log } = this.#deps;
    const error = toVenturiError(thrown);
    counters.add('requestsRefused');
    if (error.code === 'INTERNAL') log.error({ err: thrown }, 'a request failed');
    else log.debug({ code: error.code, message: error.message }, 'a request was refused');
    reply.code(error.httpStatus);
    if (error.retryAfterSeconds !== undefined) reply.header('retry-after', error.retryAfterSeconds);
    // What was not read of the body cannot be told from the next request.
    if (!request.raw.readableEnded) reply.header('connection', 'close');
    if (request.headers['content-type']?.startsWith('application/json') === true) {
      return reply.type('application/json').send(statusJson(error.httpStatus, error.message));
    }
    return reply.type(protobufType).send(statusBody(error.httpStatus, error.message));
  }

  async #take(
    request: FastifyRequest,
    signal: ReceivedSignal,
    held: Reservation,
  ): Promise<BatchResult> {
    const { limits } = this.#deps;
    checkType(request.headers['content-type']);
    if (Number(request.headers['content-length'] ?? 0) > limits.requestBytesMax) {
      throw new VenturiError('BODY_TOO_LARGE', { detail: `${limits.requestBytesMax} bytes` });
    }
    const raw = await readBody(request.raw, limits, held);
    const key = batchKey(request.headers['venturi-batch']);
    // A key counts for its signal only.
    const batch = key === undefined ? undefined : `${signal}/${key}`;
    const known = this.#find(batch);
    if (known) return await known;
    const encoding = request.headers['content-encoding'];
    const body = await decompress(raw, encoding, { limits, held });
    return await this.#storeOnce(signal, body, batch);
  }

  async #storeOnce(
    signal: ReceivedSignal,
    body: Buffer,
    batch: string | undefined,
  ): Promise<BatchResult> {
    const { store, batches } = this.#deps;
    // Asked again: the same batch may have come in while this one was decompressed.
    const known = this.#find(batch);
    if (known) return await known;
    const outcome = store({ signal, body, key: batch });
    if (batch !== undefined) batches.remember(batch, outcome);
    return await outcome;
  }

  #find(batch: string | undefined): Promise<BatchResult> | undefined {
    const known = batch === undefined ? undefined : this.#deps.batches.find(batch);
    if (known) this.#deps.counters.add('requestsDuplicate');
    return known;
  }
}

function checkType(header: string | undefined): void {
  const type = header?.split(';')[0]?.trim().toLowerCase();
  if (type !== protobufType && type !== 'application/protobuf') {
    throw new VenturiError('MEDIA_TYPE_UNSUPPORTED', { detail: type?.slice(0, 80) });
  }
}
