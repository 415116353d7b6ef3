// What the governor may take away while the agent costs too much, and the order in which it does.

/** What is left out at present; read on the hot path. */
export const shed = {
  /** Forwarded log records below WARN. */
  lowLogs: false,
  /** Spans of slow hooks, middleware and handlers. */
  slowSteps: false,
  /** The share of the present spans that the budget may keep. */
  spansShare: 1,
  /** Lines of statements and calls, repetitions (N+1), duplicates and series. */
  comparisons: false,
};

/** One thing to do without. */
export interface ShedStep {
  /** As `docs/reference/shedding.md` has it. */
  name: string;
  about: string;
  /** Of what it takes away: an option may leave no use for the step, or forbid it. */
  kind: 'logs' | 'detail' | 'spans';
  apply(): void;
  undo(): void;
}

const SPANS_SHARES = [1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 64];

/**
 * First what is nice to have, then requests, and last what names a bottleneck in those that are kept. No step leaves out
 * a part of a trace that another part names.
 */
export const SHED_STEPS: readonly ShedStep[] = [
  {
    name: 'log records below WARN',
    about: 'With VENTURI_LOGS=forward, records below WARN are not sent; they are still correlated.',
    kind: 'logs',
    apply: () => (shed.lowLogs = true),
    undo: () => (shed.lowLogs = false),
  },
  {
    name: 'slow steps',
    about: 'Hooks, middleware and handlers of frameworks that are slow get no span of their own.',
    kind: 'detail',
    apply: () => (shed.slowSteps = true),
    undo: () => (shed.slowSteps = false),
  },
  ...SPANS_SHARES.map((share, i) => ({
    name: `spans to 1/${1 / share}`,
    about: `Requests are sampled as if VENTURI_SPANS_PER_SECOND were 1/${1 / share} of what the process made when this began: by route, whole, with weights that keep rates right. Left out where OTEL_TRACES_SAMPLER or VENTURI_SPANS_PER_SECOND=0 says what to keep.`,
    kind: 'spans' as const,
    apply: () => (shed.spansShare = share),
    undo: () => (shed.spansShare = SPANS_SHARES[i - 1] ?? 1),
  })),
  {
    name: 'comparisons',
    about:
      'The line that made a statement or call is no longer looked up, and statements are no longer compared within their request, so that N+1, duplicates and series are not told. Counts and times of what a request paid stay.',
    kind: 'detail',
    apply: () => (shed.comparisons = true),
    undo: () => (shed.comparisons = false),
  },
];
