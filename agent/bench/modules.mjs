// The agent's parts by their files, and why each cannot cost less: what `--only modules` tells of.

/** The first part whose pattern fits a file below `agent/dist/src` has it. */
export const parts = [
  {
    name: 'http server',
    files:
      /^instrumentation\/(modules\/http-server|server-entry|request-entry|caller|message-events)\./,
    why: 'reads five headers of each request, and looks at each event of request and answer, because listeners must run in the context of their request',
  },
  {
    name: 'fastify',
    files: /^instrumentation\/(modules\/fastify|slow-step)/,
    why: 'one hook that notes the route, and two readings of the clock by which slow handlers are told',
  },
  {
    name: 'outgoing calls',
    files:
      /^instrumentation\/(modules\/(http-client|fetch|undici)|outgoing|http-call|undici-dispatch|agent-queue|connection\.|target|redirects|unread)/,
    why: 'follows eight events of each call, which take it apart into socket, connection, first byte and body; writes one header',
  },
  {
    name: 'statements',
    files:
      /^instrumentation\/(modules\/(pg\.|mysql2\.|mongodb\.|ioredis|redis-client)|statement|sql|redis-command|mongo-command|value-hash|call-site)|^trace\/(repeats|series|recent-numbers)/,
    why: 'looks the statement up by its text, compares its values with those before it (N+1, duplicates), and follows it to its answer',
  },
  {
    name: 'pools',
    files: /^instrumentation\/(modules\/[a-z0-9]+-pool|pool-|connection-hold)/,
    why: 'four readings of the clock a connection: asked for, got, sent, given back; who held it is what names a slow pool',
  },
  {
    name: 'context',
    files: /^context\/|^trace\/(context-of|propagation)/,
    why: 'asks AsyncLocalStorage once or twice a span; what Node itself does for it is not in this table',
  },
  {
    name: 'spans',
    files: /^trace\//,
    why: 'makes one object a span, of fields that V8 keeps without a look-up, and sums what the request paid',
  },
  {
    name: 'encoding',
    files: /^otlp\//,
    why: 'writes 200 to 400 bytes a span, most of them copied from what was encoded before',
  },
  {
    name: 'export',
    files: /^export\//,
    why: 'one request for 480 KB of spans, and one copy of them',
  },
  {
    name: 'runtime samples',
    files: /^runtime\//,
    why: 'ten times a second at most, whatever the load',
  },
  { name: 'the rest', files: /^/, why: '' },
];
