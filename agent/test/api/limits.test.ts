// How much an application may put on a span: OpenTelemetry's limits, and the bytes that a span may come to.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { ROOT_CONTEXT, type Tracer, trace } from '@opentelemetry/api';
import { readConfig } from '../../src/config/config.js';
import { limits, setLimits } from '../../src/config/limits.js';
import { agentEngine } from '../support/api-engines.js';
import type { DecodedSpan } from '../support/otlp-proto.js';

const MIB = 1024 * 1024;

describe('limits', () => {
  const engine = agentEngine();
  let tracer: Tracer;

  const taken = async (): Promise<DecodedSpan> => {
    const [span] = await engine.take();
    assert.ok(span);
    return span;
  };

  beforeEach(async () => {
    engine.register();
    await engine.take();
    tracer = trace.getTracer('limits');
  });
  afterEach(() => setLimits(readConfig({})));

  it("are read from OpenTelemetry's variables, those of spans before the general ones", () => {
    setLimits(
      readConfig({
        OTEL_ATTRIBUTE_COUNT_LIMIT: '5',
        OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '3',
        OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '10',
        OTEL_SPAN_EVENT_COUNT_LIMIT: '1',
        OTEL_SPAN_LINK_COUNT_LIMIT: '0',
        OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: '2',
        OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: '4',
      }),
    );
    assert.deepEqual(limits, {
      attributes: 3,
      attributeChars: 10,
      events: 1,
      links: 0,
      attributesPerEvent: 2,
      attributesPerLink: 4,
    });
  });

  it('cut texts and drop what is too much, and count it', async () => {
    setLimits({
      ...readConfig({}),
      spanAttributesMax: 2,
      spanAttributeCharsMax: 3,
      spanEventsMax: 1,
      spanLinksMax: 0,
      eventAttributesMax: 1,
    });
    const span = tracer.startSpan('small', { attributes: { a: 'abcdef', b: ['abcdef'], c: 1 } });
    span.addEvent('one').addEvent('two', { a: 'abcdef', b: 2 });
    span.addLink({ context: span.spanContext() });
    span.end();
    const { attributes, events, links, dropped } = await taken();
    assert.deepEqual(attributes, { a: 'abc', b: ['abc'] });
    assert.deepEqual(
      events.map(({ name, attributes, dropped }) => [name, attributes, dropped]),
      [['two', { a: 'abc' }, 1]],
    );
    assert.deepEqual(links, []);
    assert.deepEqual(dropped, { attributes: 1, events: 1, links: 1 });
  });

  it('keep a span below what its length on the wire can hold, whatever is put on it', async () => {
    const span = tracer.startSpan('huge');
    const text = '€'.repeat(60_000);
    for (let i = 0; i < 100; i++) {
      span.setAttribute(`a${i}`, text).setAttribute(`l${i}`, [text, text]);
      span
        .addEvent(`e${i}`, { text })
        .addLink({ context: span.spanContext(), attributes: { text } });
    }
    span.recordException(new Error(text));
    span.end();
    const huge = await taken();
    const chars = JSON.stringify(huge, (_, value) =>
      typeof value === 'bigint' ? '' : value,
    ).length;
    assert.ok(chars < MIB);
    assert.ok(huge.dropped.attributes > 100);
    assert.ok(huge.dropped.events > 0 && huge.dropped.links > 0);
    assert.ok(Object.keys(huge.attributes).length > 0);
  });

  it('let an attribute be set over and over', async () => {
    const span = tracer.startSpan('progress');
    for (let i = 0; i < 10_000; i++)
      span.setAttribute('progress', `${i} of 10000 ${'.'.repeat(500)}`);
    span.end();
    const { attributes, dropped } = await taken();
    assert.match(String(attributes.progress), /^9999/);
    assert.equal(dropped.attributes, 0);
  });

  it("never touch what the agent's own hooks put on a span", async () => {
    const span = tracer.startSpan('many', { kind: 1 });
    for (let i = 0; i < 128; i++) span.setAttribute(`a${i}`, i);
    tracer
      .startSpan(
        'SELECT',
        { kind: 2, attributes: { 'db.system.name': 'x' } },
        trace.setSpan(ROOT_CONTEXT, span),
      )
      .end();
    span.end();
    const spans = await engine.take();
    const many = spans.find(({ name }) => name === 'many');
    assert.equal(many?.attributes['venturi.db_count'], 1);
    assert.equal(many?.attributes.a127, 127);
  });
});
