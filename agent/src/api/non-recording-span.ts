// A span that only names itself: the caller's in another process, or one that must not be recorded.

import type { Span, SpanContext } from '@opentelemetry/api';

/** What the API calls a span that there is none of. */
const NO_SPAN_CONTEXT: SpanContext = {
  traceId: '00000000000000000000000000000000',
  spanId: '0000000000000000',
  traceFlags: 0,
};

/** Ignores all that it is told. */
export class NonRecordingSpan implements Span {
  readonly #spanContext: SpanContext;

  constructor(spanContext: SpanContext = NO_SPAN_CONTEXT) {
    this.#spanContext = spanContext;
  }

  spanContext(): SpanContext {
    return this.#spanContext;
  }

  setAttribute(): this {
    return this;
  }

  setAttributes(): this {
    return this;
  }

  addEvent(): this {
    return this;
  }

  addLink(): this {
    return this;
  }

  addLinks(): this {
    return this;
  }

  setStatus(): this {
    return this;
  }

  updateName(): this {
    return this;
  }

  end(): void {}

  isRecording(): boolean {
    return false;
  }

  recordException(): void {}
}
