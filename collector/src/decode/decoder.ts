// The decoder's door: a request's bytes go in, rows of a block come out, or nothing at all.
import type { BlockTables } from './block.js';
import type { DecodeContext } from './limits.js';
import { MetricsWalker } from './metrics/metrics-walker.js';
import { ResourceReader } from './resource/resource.js';
import { ResourceAnnouncer } from './resource/resources-table.js';
import { TraceWalker } from './trace/trace-walker.js';
import { Reader } from './wire/reader.js';
import { TimeWindow } from './wire/times.js';

type Signal = 'traces' | 'metrics';

/** What became of a request: rows written, and items refused for good with the reason. */
interface Decoded {
  accepted: number;
  rejected: number;
  /** A sentence for the sender, empty where nothing was rejected. */
  message: string;
}

export interface Decoder {
  /**
   * Writes a request's rows to a block. Throws MALFORMED_OTLP, and the block is as it was before.
   * The bytes are only read during the call.
   */
  decode(signal: Signal, body: Buffer, block: BlockTables): Decoded;
  /** Tells that a block was lost, so that the resources it brought are written again. */
  lost(block: BlockTables): void;
}

/** Creates a decoder; it keeps what it knows of senders between requests. */
export function createDecoder(context: DecodeContext): Decoder {
  const reader = new Reader();
  const window = new TimeWindow(context.clock);
  const resources = new ResourceReader(reader, context.limits);
  const announcer = new ResourceAnnouncer(context.clock);
  const parts = { resources, announcer, window };
  const traces = new TraceWalker(reader, context, parts);
  const metrics = new MetricsWalker(reader, context, parts);

  return {
    decode(signal, body, block) {
      reader.load(body);
      window.refresh();
      block.mark();
      try {
        if (signal === 'traces') {
          traces.walk(body.length, block);
          return report(context, traces);
        }
        metrics.walk(body.length, block);
        return reportPoints(context, metrics);
      } catch (error) {
        announcer.forget(block.rollback());
        throw error;
      }
    },
    lost: (block) => announcer.forget(block.announced),
  };
}

function report({ counters }: DecodeContext, { accepted, rejected }: TraceWalker): Decoded {
  counters.add('spansReceived', accepted);
  counters.add('spansRejected', rejected);
  const message =
    rejected === 0 ? '' : `${rejected} spans have a trace, span or parent id that is not valid`;
  return { accepted, rejected, message };
}

function reportPoints({ counters }: DecodeContext, walker: MetricsWalker): Decoded {
  const { accepted, rejected, withoutValue } = walker;
  counters.add('pointsReceived', accepted);
  counters.add('pointsRejected', rejected);
  counters.add('pointsWithoutValue', withoutValue);
  const message =
    rejected === 0
      ? ''
      : `${rejected} points were refused: exponential histograms and summaries are not stored, and a histogram needs one bucket more than bounds`;
  return { accepted, rejected, message };
}
