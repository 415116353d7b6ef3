// The read side of the collector: the API that the viewer and the command line use, and the viewer itself.
import type { FastifyInstance } from 'fastify';
import { StoreError } from '../clickhouse/store-error.js';
import { errorBody, toVenturiError, VenturiError } from '../self/errors.js';
import type { ServeDeps } from './deps.js';
import { guardOf } from './guard.js';
import { registerApi } from './routes.js';
import { loadViewer, registerViewer } from './viewer-files.js';

/** Most bytes of a request to the API: names, numbers and the values of a few variables. */
const bodyBytesMax = 64 * 1024;

/**
 * Adds the routes of the read API and the viewer in a scope of their own, so that neither their content types nor
 * their error answers touch the receiving side.
 */
export async function registerServe(fastify: FastifyInstance, deps: ServeDeps): Promise<void> {
  const viewer = loadViewer(deps.config.dashboardsDir);
  if (viewer.size === 0) {
    deps.log.warn('the viewer is not built, so / answers 404; run: npm run build');
  }
  await fastify.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      'application/json',
      { parseAs: 'string', bodyLimit: bodyBytesMax },
      async (_request: unknown, body: string | Buffer) => parseJson(String(body)),
    );
    scope.addHook('onRequest', guardOf(deps.config.host));
    scope.setErrorHandler((thrown, request, reply) => {
      const error = toAnswer(thrown);
      if (error.httpStatus >= 500) {
        deps.log.warn({ err: thrown, url: request.url }, 'a request for the API failed');
      }
      return reply.status(error.httpStatus).send(errorBody(error));
    });
    registerApi(scope, deps);
    registerViewer(scope, viewer);
  }, {});
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body === '' ? '{}' : body);
  } catch (cause) {
    throw new VenturiError('BAD_REQUEST', { detail: 'the body is not JSON', cause });
  }
}

/** Most characters of what ClickHouse said that are passed on. */
const detailCharsMax = 1000;

/** Fastify's own refusals (a body that is too long or of another type) are the caller's mistakes, not ours. */
function toAnswer(thrown: unknown): VenturiError {
  if (thrown instanceof StoreError) return fromStore(thrown);
  const status = (thrown as { statusCode?: unknown }).statusCode;
  if (thrown instanceof VenturiError || typeof status !== 'number' || status >= 500) {
    return toVenturiError(thrown);
  }
  return new VenturiError('BAD_REQUEST', { detail: (thrown as Error).message, cause: thrown });
}

function fromStore(thrown: StoreError): VenturiError {
  if (thrown.timedOut) return new VenturiError('QUERY_TIMEOUT', { cause: thrown });
  const code = thrown.clickhouseCode === 0 ? 'STORE_UNREACHABLE' : 'QUERY_FAILED';
  return new VenturiError(code, {
    detail: thrown.message.slice(0, detailCharsMax),
    cause: thrown,
  });
}
