// Lets the instrumentation of a web framework name the route of a request that our own hook recorded.

import type { Span as SpanOfApi } from '@opentelemetry/api';
import type { EntrySpan } from '../trace/span.js';
import { apiSpanOf } from './api-span.js';

/** What OpenTelemetry's core calls RPC metadata: its instrumentations of hapi, Koa, Express and Fastify set the route. */
interface RpcMetadata {
  type: 'http';
  span: SpanOfApi;
  route: string | undefined;
}

/** The metadata of a request over HTTP; undefined where the span is none. Always the same object for one request. */
export function rpcMetadataOf(entry: EntrySpan): RpcMetadata | undefined {
  if (entry.method === '') return undefined;
  const span = apiSpanOf(entry);
  span.rpcMetadata ??= {
    type: 'http',
    span,
    get route(): string | undefined {
      return entry.route === '' ? undefined : entry.route;
    },
    set route(route: string | undefined) {
      if (typeof route === 'string' && !entry.ended) entry.route = route;
    },
  } satisfies RpcMetadata;
  return span.rpcMetadata as RpcMetadata;
}
