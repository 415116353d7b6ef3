// Two implementations of OpenTelemetry's API behind one face: the agent's, and the SDK as the oracle. What both record
// is read from the wire, so that the exporters are compared too.

import assert from 'node:assert/strict';
import { context, propagation, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { node, tracing } from '@opentelemetry/sdk-node';
import { AgentContextManager } from '../../src/api/context-manager.js';
import { W3CPropagator } from '../../src/api/propagators.js';
import { AgentTracerProvider } from '../../src/api/tracer-provider.js';
import { encodeRequest } from '../../src/otlp/request.js';
import { spanBuffer } from '../../src/trace/span-buffer.js';
import { FakeCollector } from './fake-collector.js';
import { type DecodedSpan, decodeTraces } from './otlp-proto.js';

/** One implementation, registered as the global API while a scenario runs. */
export interface Engine {
  name: string;
  register(): void;
  /** What has ended since the last call. */
  take(): Promise<DecodedSpan[]>;
  close(): Promise<void>;
}

function unregister(): void {
  trace.disable();
  context.disable();
  propagation.disable();
}

/** The agent's own tracer. */
export function agentEngine(): Engine {
  const taken: DecodedSpan[] = [];
  const collect = (): void => {
    spanBuffer.take((items, _count, others) => {
      const request = encodeRequest({ attributes: {}, agentVersion: '0' }, items, others);
      taken.push(...decodeTraces(request));
    });
  };
  spanBuffer.onFull(collect);
  return {
    name: 'agent',
    register() {
      unregister();
      trace.setGlobalTracerProvider(new AgentTracerProvider(() => {}));
      context.setGlobalContextManager(new AgentContextManager());
      propagation.setGlobalPropagator(new W3CPropagator());
    },
    take() {
      collect();
      return Promise.resolve(taken.splice(0));
    },
    close: () => Promise.resolve(),
  };
}

/** OpenTelemetry's SDK. */
export async function sdkEngine(): Promise<Engine> {
  const collector = new FakeCollector();
  await collector.listen();
  const exporter = new OTLPTraceExporter({ url: `${collector.url}/v1/traces` });
  const processor = new tracing.BatchSpanProcessor(exporter);
  const provider = new node.NodeTracerProvider({ spanProcessors: [processor] });
  return {
    name: 'SDK',
    register() {
      unregister();
      provider.register();
    },
    async take() {
      await provider.forceFlush();
      return collector.spans.splice(0);
    },
    async close() {
      await provider.shutdown();
      await collector.close();
    },
  };
}

/** A span in a form that does not depend on ids, clocks and what the agent adds of its own. */
export type Comparable = Record<string, unknown>;

/** Spans by name: relations are expressed in names, times in the order that they must have. */
export function comparable(spans: readonly DecodedSpan[]): Comparable[] {
  const names = new Map(spans.map(({ spanId, name }) => [spanId, name]));
  const nameOf = (id: string): string => names.get(id) ?? id;
  return [...spans]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((span) => {
      assert.ok(span.endNano >= span.startNano);
      return {
        name: span.name,
        kind: span.kind,
        parent: span.parentSpanId === '' ? 'none' : nameOf(span.parentSpanId),
        isParentRemote: (span.flags & 0x200) !== 0,
        isSampled: (span.flags & 1) === 1,
        attributes: withoutOwn(span.attributes),
        events: span.events.map(({ name, attributes, dropped }) => ({ name, attributes, dropped })),
        links: span.links.map(({ spanId, ...link }) => ({
          ...link,
          to: nameOf(spanId),
          traceId: names.has(spanId) ? 'of a span here' : link.traceId,
          flags: link.flags & ~2,
        })),
        status: span.status,
        dropped: span.dropped,
        scope: span.scope,
      };
    });
}

function withoutOwn(attributes: DecodedSpan['attributes']): DecodedSpan['attributes'] {
  return Object.fromEntries(
    Object.entries(attributes).filter(([name]) => !name.startsWith('venturi.')),
  );
}
