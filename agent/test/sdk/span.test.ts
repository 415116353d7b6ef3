// A span of the SDK as the agent encodes it, against the SDK's own exporter.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { node, tracing } from '@opentelemetry/sdk-node';
import { recordSdkSpan } from '../../src/api/sdk-span.js';
import { W3CTraceState } from '../../src/api/trace-state.js';
import { encodeRequest } from '../../src/otlp/request.js';
import { counters } from '../../src/self/counters.js';
import { spanBuffer } from '../../src/trace/span-buffer.js';
import { FakeCollector } from '../support/fake-collector.js';
import { type DecodedSpan, decodeTraces } from '../support/otlp-proto.js';

const REMOTE = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: TraceFlags.SAMPLED,
  isRemote: true,
};
const LIMITS = { attributeCountLimit: 3, eventCountLimit: 2, linkCountLimit: 2 };
const SAMPLED_OUT = 'sampled out';
const NANOS_PER_MICRO = 1000n;

/** What is done with a span, by what it shows. */
const scenarios: Record<string, (tracer: Tracer) => Span> = {
  'nothing but a name': (tracer) => tracer.startSpan('bare'),
  'a kind and attributes of every type': (tracer) =>
    tracer.startSpan('all', {
      kind: SpanKind.PRODUCER,
      attributes: { text: 'a', count: 1.5, list: ['a', 'b'] },
    }),
  'more than the limits allow': (tracer) => {
    const span = tracer.startSpan('full', { attributes: { a: 1, b: 2, c: 3, d: 4 } });
    for (const name of ['first', 'second', 'third']) span.addEvent(name, { name });
    return span;
  },
  'a failure': (tracer) => {
    const span = tracer.startSpan('failed');
    span.recordException(new TypeError('boom'));
    return span.setStatus({ code: 2, message: 'it failed' });
  },
  'a remote parent with a trace state': (tracer) => {
    const traceState = W3CTraceState.parse('a=1,b=2');
    const parent = trace.setSpanContext(ROOT_CONTEXT, { ...REMOTE, traceState });
    return tracer.startSpan('called', {}, parent);
  },
  links: (tracer) =>
    tracer.startSpan('linked', {
      links: [
        { context: REMOTE, attributes: { why: 'retry' } },
        { context: { ...REMOTE, isRemote: false, traceFlags: 0 } },
      ],
    }),
  'times of its own': (tracer) =>
    tracer.startSpan('early', { startTime: [1_700_000_000, 123_456_000] }),
};

describe('a span of the SDK', () => {
  const collector = new FakeCollector();
  let tracer: Tracer;
  let provider: node.NodeTracerProvider;
  before(async () => {
    await collector.listen();
    const exporter = new OTLPTraceExporter({ url: `${collector.url}/v1/traces` });
    const ours = {
      onStart() {},
      onEnd: recordSdkSpan,
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    };
    provider = new node.NodeTracerProvider({
      spanLimits: LIMITS,
      sampler: {
        shouldSample: (_context, _traceId, name) => ({
          decision:
            name === SAMPLED_OUT
              ? tracing.SamplingDecision.RECORD
              : tracing.SamplingDecision.RECORD_AND_SAMPLED,
        }),
      },
      spanProcessors: [new tracing.BatchSpanProcessor(exporter), ours],
    });
    tracer = provider.getTracer('app', '1.2.3', { schemaUrl: 'https://schema' });
  });
  after(async () => {
    await provider.shutdown();
    await collector.close();
  });

  /** What the agent has, and what the SDK's exporter has sent, since the last call. */
  const take = async (): Promise<DecodedSpan[][]> => {
    const own: DecodedSpan[] = [];
    spanBuffer.take((items, _count, others) => {
      const resource = { attributes: {}, agentVersion: '0' };
      own.push(...decodeTraces(encodeRequest(resource, items, others)));
    });
    await provider.forceFlush();
    return [own, collector.spans.splice(0)];
  };

  for (const [what, start] of Object.entries(scenarios)) {
    it(`with ${what} is encoded as the SDK does it`, async () => {
      start(tracer).end();
      const [own, sdk] = await take();
      assert.equal(own?.length, 1);
      assert.deepEqual(own?.map(comparable), sdk?.map(comparable));
    });
  }

  it('that was not sampled is not sent', async () => {
    tracer.startSpan(SAMPLED_OUT).end();
    const [own, sdk] = await take();
    assert.deepEqual([own, sdk], [[], []]);
  });

  it('that is larger than a span may be is counted as lost', async () => {
    const before = counters.spansDropped;
    const span = tracer.startSpan('huge');
    for (const name of ['a', 'b', 'c']) span.setAttribute(name, Array(10).fill('x'.repeat(60_000)));
    span.end();
    const [own] = await take();
    assert.deepEqual(own, []);
    assert.equal(counters.spansDropped, before + 1);
  });
});

/** The agent's times are in microseconds, and its resource is that of the process. */
function comparable({ resource: _, ...span }: DecodedSpan): unknown {
  return {
    ...span,
    startNano: roundedMicros(span.startNano),
    endNano: roundedMicros(span.endNano),
    events: span.events.map((event) => ({ ...event, timeNano: roundedMicros(event.timeNano) })),
  };
}

function roundedMicros(nanos: bigint): bigint {
  return (nanos + NANOS_PER_MICRO / 2n) / NANOS_PER_MICRO;
}
