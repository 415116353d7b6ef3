// Liveness and readiness, for whoever starts or supervises the collector.
import type { FastifyInstance } from 'fastify';
import { errorBody, toVenturiError, VenturiError } from '../self/errors.js';

export interface HealthDeps {
  version: string;
  dataDir: string;
  /** Resolves where everything is ready, and throws what is not. */
  ready(): Promise<void>;
}

export function registerHealth(fastify: FastifyInstance, deps: HealthDeps): void {
  fastify.get('/healthz', async () => ({
    name: 'venturi-collector',
    version: deps.version,
    pid: process.pid,
    dataDir: deps.dataDir,
  }));
  fastify.get('/readyz', async (_request, reply) => {
    try {
      await deps.ready();
      return { ready: true };
    } catch (thrown) {
      const error =
        thrown instanceof VenturiError
          ? thrown
          : new VenturiError('NOT_READY', { detail: toVenturiError(thrown).message });
      return reply.code(503).send(errorBody(error));
    }
  });
}
