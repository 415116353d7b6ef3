// A trace as a waterfall: one line a span, its bar where it lies in time; a click opens what it carries.
import { toFrame } from '../../src/model/frame.js';
import { partOf, partsIn } from '../../src/model/span-part.js';
import { type PlacedSpan, placeSpans, type Span, spansOf } from '../../src/model/span-tree.js';
import { formatNumber } from '../../src/model/units.js';
import { cssColor, paletteColor } from './colors.js';
import { el } from './element.js';
import type { PanelContent } from './panel-view.js';
import { spanDetails } from './span-details.js';

interface Scale {
  fromMs: number;
  lengthMs: number;
  colorOf(service: string): string;
}

const ticks = 5;

/** Creates a waterfall. It is drawn anew only where the spans differ, so an open span stays open. */
export function createTraces(): PanelContent {
  const element = el('div', { class: 'waterfall' });
  let drawn = '';
  return {
    element,
    draw({ answers }) {
      const answer = answers[0];
      const spans = spansOf(toFrame(answer?.columns ?? [], answer?.rows ?? []));
      const key = spans.map(({ spanID, duration }) => `${spanID}:${duration}`).join();
      if (key !== drawn) {
        drawn = key;
        const scale = scaleOf(spans);
        element.replaceChildren(
          ...(spans.length === 0
            ? []
            : [axis(scale, spans), ...placeSpans(spans).map((placed) => line(placed, scale))]),
        );
      }
      return spans.length > 0;
    },
  };
}

function scaleOf(spans: Span[]): Scale {
  const fromMs = Math.min(...spans.map((span) => span.startTime));
  const toMs = Math.max(...spans.map((span) => span.startTime + span.duration));
  const services = [...new Set(spans.map((span) => span.serviceName))];
  return {
    fromMs,
    lengthMs: Math.max(toMs - fromMs, 0.001),
    colorOf: (service) => paletteColor(services.indexOf(service)),
  };
}

/** Above the bars the time, above the names what the colours of the bars mean. */
function axis({ lengthMs }: Scale, spans: Span[]): HTMLElement {
  const labels = Array.from({ length: ticks }, (_, index) =>
    el('span', {}, formatNumber((lengthMs * index) / (ticks - 1), 'ms')),
  );
  const parts = partsIn(spans).map(({ name, color }) =>
    el('li', { style: { '--mark': cssColor(color) } }, name),
  );
  return el(
    'div',
    { class: 'axis', attrs: { 'aria-hidden': 'true' } },
    el('ul', { class: 'legend' }, ...parts),
    el('div', {}, ...labels),
  );
}

function line({ span, depth }: PlacedSpan, scale: Scale): HTMLElement {
  const failed = span.statusCode === 2;
  const start = (span.startTime - scale.fromMs) / scale.lengthMs;
  const part = span.duration / scale.lengthMs;
  const duration = formatNumber(span.duration, 'ms');
  const service = cssColor(scale.colorOf(span.serviceName));
  const item = el('div', {
    class: 'span',
    style: { '--mark': cssColor(partOf(span).color), '--service': service },
  });
  const button = el(
    'button',
    {
      class: failed ? 'failed' : '',
      attrs: {
        'aria-expanded': 'false',
        'aria-label': `${span.serviceName} ${span.operationName}, ${duration}${failed ? ', failed' : ''}`,
      },
      on: { click: () => toggle(item, button, span) },
    },
    el(
      'span',
      { class: 'name', style: { 'padding-left': `${8 + Math.min(depth, 24) * 14}px` } },
      el('b', {}, span.operationName),
      el('i', {}, span.serviceName),
    ),
    el(
      'span',
      { class: 'track' },
      el(
        'span',
        {
          class: `bar ${labelPlace(start, part)}`,
          style: { left: `${start * 100}%`, width: `max(2px, ${part * 100}%)` },
        },
        el('em', {}, duration),
      ),
    ),
  );
  item.append(button);
  return item;
}

/** Where a bar has its duration: behind it, before it where it ends late, inside it where it has no room around it. */
function labelPlace(start: number, part: number): 'behind' | 'before' | 'inside' {
  if (start + part <= 0.85) return 'behind';
  return start >= 0.15 ? 'before' : 'inside';
}

function toggle(item: HTMLElement, button: HTMLElement, span: Span): void {
  const open = item.querySelector('.details');
  if (open) open.remove();
  else item.append(spanDetails(span));
  button.setAttribute('aria-expanded', String(!open));
}
