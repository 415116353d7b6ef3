// The routes under /api/v1, as docs/architecture.md lists them.
import type { FastifyInstance } from 'fastify';
import type { ServeDeps } from './deps.js';
import { panelRequest, variableRequest, windowOf } from './requests.js';

/** How far back services count as seen, in `/api/v1/status`. */
const seenWindowMs = 60_000;

export function registerApi(scope: FastifyInstance, deps: ServeDeps): void {
  const { panels, watch, counters } = deps;
  // Whoever reads makes the inserter hurry; answers are of this moment and kept by nobody.
  scope.addHook('onRequest', async (request, reply) => {
    if (!request.url.startsWith('/api/')) return;
    watch.touch();
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
  });

  scope.get('/api/v1/dashboards', async () => panels.list());
  scope.get<{ Params: { uid: string } }>('/api/v1/dashboards/:uid', async (request) =>
    panels.dashboard(request.params.uid),
  );
  scope.post('/api/v1/query', async (request) => panels.query(panelRequest(request.body)));
  scope.post('/api/v1/variable', async (request) => panels.variable(variableRequest(request.body)));

  scope.get<{ Querystring: Record<string, unknown> }>('/api/v1/bottlenecks', async (request) => {
    if (request.query.flush === '1') await deps.flush();
    const { from, to } = windowOf(request.query, deps.clock.now());
    return deps.locate(from, to);
  });
  scope.post('/api/v1/flush', async () => {
    await deps.flush();
    return { flushed: true };
  });
  scope.get('/api/v1/status', async () => {
    const counts = counters.snapshot();
    return {
      received: counts.spansReceived + counts.pointsReceived,
      spooled: counts.rowsSpooled,
      inserted: counts.rowsInserted,
      rejected: counts.spansRejected + counts.pointsRejected + counts.rowsRejected,
      services: counters.servicesSeen(seenWindowMs),
      counters: counts,
    };
  });
}
