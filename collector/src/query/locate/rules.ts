// The thresholds of the locator, each with its reason. Nothing in here knows a service, a library or the demo.

export const RULES = {
  /** A cause is worth a person's time when it takes at least this part of a request. */
  shareMin: 0.2,
  /** Fewer affected requests than this are a cold start or an accident, not a bottleneck. */
  affectedRequestsMin: 5,
  /** And at least this part of the route's slow requests must be affected. */
  affectedSlowShareMin: 0.3,

  /** A part of a path that takes more values than this, in a server without a router, is an identifier. */
  pathValuesMax: 24,

  /** The same statement this often in one request is a loop over rows, not a page that asks twice. */
  nPlusOneCountMin: 5,
  /** Below this the loop is real but costs less than one more statement would. */
  nPlusOneCostMsMin: 1,

  /** A statement whose usual execution takes this long, event loop aside, is slow by itself. */
  slowStatementMsMin: 20,
  /** One that is usually fast counts when its slow executions take this long. */
  slowStatementTailMsMin: 60,

  /** A shorter one is slow where it towers above the other statements of its service. */
  slowStatementStandoutMsMin: 8,

  /** The same for a call to another service; it is compared with the calls to others. */
  slowDownstreamMsMin: 30,
  slowDownstreamTailMsMin: 80,
  slowDownstreamStandoutMsMin: 10,
  /** An instrumented callee is only blamed as a whole when this part of it has no explanation of its own. */
  calleeUnexplainedMin: 0.5,

  /** To tower above the others is to take so many times what the usual one takes, */
  standoutRatioMin: 4,
  /** of at least so many: of fewer nobody can say what is usual, */
  standoutOthersMin: 2,
  /** and to be most of the route, since few milliseconds are worth a person's time only there. */
  standoutShareMin: 0.5,

  /** A queue for a connection shorter than this is how a pool works. */
  poolWaitMsMin: 4,
  /** A pool wait up to this many times the statement time that caused it is that statement's consequence. */
  poolWaitPerStatementMax: 1.5,
  /** Queued connects a request from which a wait belongs to an N+1 that asks all at once. */
  poolWaitsOfParallelLoopMin: 3,
  /** Connections held mostly outside statements are held by the application. */
  heldOutsideStatementsMin: 0.5,

  /** A function must have blocked the loop this often: the first time is often a lazy import. */
  stallsMin: 3,
  /** Outside of requests, stalls with less than this between them are one piece of work. */
  episodeRestMsMin: 100,
  /** One such piece is more than a start when it goes on for this part of the time that requests are answered. */
  lastingMin: 0.5,
  /** Stalls in which garbage collection took more than this part are garbage collection's. */
  stallGcShareMax: 0.5,

  /** Part of a process's life spent in garbage collection from which it is more than upkeep. */
  gcProcessShareMin: 0.04,
  /** A route fills the heap when so much of what grows faster than usual grows while it runs. */
  heapGrowthShareMin: 0.5,
  /** Garbage collection that happens mostly inside one function's stalls is that function's litter. */
  gcInsideStallsMax: 0.5,
} as const;
