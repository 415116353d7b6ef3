// The verdict: which bottlenecks were located, in the shape that the report, the API and the JSON file share.

/** The closed list of causes; it grows by decision (docs/decisions). */
export const CAUSES = [
  'n_plus_one',
  'pool_wait',
  'loop_blocked',
  'slow_statement',
  'slow_downstream',
  'gc',
] as const;

export type Cause = (typeof CAUSES)[number];

export interface Bottleneck {
  /** `service.name` of the service where the cause is. */
  service: string;
  /** Method and route of the entry spans that pay for it, such as `GET /orders/:id`. */
  route: string;
  cause: Cause;
  /** Mean milliseconds that a request of the route loses to this cause. */
  costMs: number;
  /** `costMs` as a part (0 to 1) of the mean duration of the requests that it was measured on. */
  share: number;
  /** `function (file:line)` of the code to look at, empty where none was seen. */
  callSite: string;
  /** Obfuscated statement, or the address of a downstream; empty where the cause has none. */
  statement: string;
  /** 32 hex digits: a trace that shows it. */
  traceId: string;
  /** 0 to 1: how sure the locator is. */
  confidence: number;
  /** Requests of the route in the window. */
  requests: number;
  /** One sentence with the evidence, for a person. */
  detail: string;
}

export interface Verdict {
  /** The window that was looked at, in milliseconds since the epoch. */
  from: number;
  to: number;
  /** Entry spans in the window. */
  requests: number;
  bottlenecks: Bottleneck[];
}
