// What may happen to streams and sessions of HTTP/2, drawn by chance.

import fc from 'fast-check';

/** What a server's application does, and its client, in the words of both. */
export interface Http2ServerScenario {
  role: 'server';
  isSecure: boolean;
  isCompatible: boolean;
  isWatched: boolean;
  read: string;
  answer: string;
  when: string;
  /** What the client sends, one after the other on one session. */
  requests: { body: string; leave: string; leaveMs: number }[];
}

/** What a client's application does, and how its server answers. */
export interface Http2ClientScenario {
  role: 'client';
  isSecure: boolean;
  isWatched: boolean;
  headers: string;
  end: string;
  read: string;
  leave: string;
  leaveMs: number;
  timeoutMs: number;
  hasSignal: boolean;
  /** Streams side by side. */
  count: number;
  /** Whether they are begun when the server has told its settings. */
  waits: boolean;
  answer: string;
  streamsMax: number;
}

const READS = ['nothing', 'resume', 'data', 'half', 'iterate', 'leave', 'destroyed', 'failed'];
/** No server closes its session: a stream with a body that comes after that aborts Node 22 itself, without an agent. */
const ANSWERS = [
  ...[
    'nothing',
    'end',
    'head',
    'list',
    'pieces',
    'twice',
    'trailers',
    'informed',
    'pushed',
    'file',
  ],
  ...['noFile', 'large', 'refused', 'canceled', 'closed', 'destroyed', 'failed', 'throws'],
  ...['sessionDestroyed', 'sessionFailed', 'goaway', 'rejects', 'listenerThrows'],
  'removed',
];
const LEAVES = ['canceled', 'closed', 'destroyed', 'failed', 'sessionDestroyed', 'sessionClosed'];
const LEAVE_MS = [-1, -1, -1, 0, 8];

/** Scenarios of the server. */
export const http2ServerScenario: fc.Arbitrary<Http2ServerScenario> = fc.record({
  role: fc.constant('server' as const),
  isSecure: fc.boolean(),
  isCompatible: fc.boolean(),
  isWatched: fc.boolean(),
  read: fc.constantFrom(...READS),
  answer: fc.constantFrom(...ANSWERS),
  when: fc.constantFrom('now', 'tick', 'immediate', 'timer'),
  requests: fc.array(
    fc.record({
      body: fc.constantFrom('', 'body', 'x'.repeat(100_000)),
      leave: fc.constantFrom(...LEAVES.slice(0, 5)),
      leaveMs: fc.constantFrom(...LEAVE_MS),
    }),
    { minLength: 1, maxLength: 2 },
  ),
});

/** Scenarios of the client. */
export const http2ClientScenario: fc.Arbitrary<Http2ClientScenario> = fc.record({
  role: fc.constant('client' as const),
  isSecure: fc.boolean(),
  isWatched: fc.boolean(),
  headers: fc.constantFrom(
    ...['object', 'object', 'frozen', 'list', 'none', 'null', 'wrong', 'badName', 'traced'],
    ...['getter', 'host', 'tunnel', 'post', 'post', 'grpc'],
  ),
  end: fc.constantFrom('end', 'body', 'pieces', 'afterEnd', 'never'),
  read: fc.constantFrom(...READS),
  leave: fc.constantFrom(...LEAVES, 'signal'),
  leaveMs: fc.constantFrom(...LEAVE_MS),
  timeoutMs: fc.constantFrom(0, 0, 0, 12),
  hasSignal: fc.boolean(),
  count: fc.constantFrom(1, 1, 2, 3),
  waits: fc.boolean(),
  answer: fc.constantFrom(
    ...['nothing', 'end', 'end', 'head', 'pieces', 'trailers', 'informed', 'pushed', 'large'],
    ...['refused', 'canceled', 'failed', 'sessionDestroyed', 'goaway', 'cut'],
  ),
  streamsMax: fc.constantFrom(1, 100),
});
