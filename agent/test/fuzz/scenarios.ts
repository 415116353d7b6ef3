// What may happen to a service and to its calls, drawn by chance.

import fc from 'fast-check';

/** What an HTTP client does to a server, and what the server's application does meanwhile. */
export interface ServerScenario {
  framework: 'http' | 'express' | 'fastify' | 'koa';
  behaviours: { read: string; answer: string; when: string; isWatched: boolean }[];
  listeners: string[];
  /** Requests as bytes, in the order in which they are sent. */
  requests: string[];
  /** Whether all are sent at once, or each when the server has become silent. */
  isPipelined: boolean;
  /** Where the bytes of a write are cut in two, as a share. */
  cutAt: number;
  /** How the client leaves, and after how many milliseconds; it waits for the server where that is -1. */
  leave: 'end' | 'destroy';
  leaveMs: number;
}

/** What an application does with a call, and what the other side makes of it. */
export interface ClientScenario {
  call: Record<string, unknown>;
  /** What the other side sends when it has got something; each after the one before. */
  answers: string[];
  /** How it leaves, -1 where it does not. */
  leave: 'end' | 'destroy' | 'reset';
  leaveMs: number;
}

const BODY = 'some body';
const HEAD = 'Host: fuzz\r\n';
const CHUNKED = 'Transfer-Encoding: chunked\r\n';

const REQUESTS = [
  `GET /plain HTTP/1.1\r\n${HEAD}\r\n`,
  `GET /close HTTP/1.1\r\n${HEAD}Connection: close\r\n\r\n`,
  'GET /old HTTP/1.0\r\n\r\n',
  `HEAD /head HTTP/1.1\r\n${HEAD}\r\n`,
  `OPTIONS * HTTP/1.1\r\n${HEAD}\r\n`,
  `POST /post HTTP/1.1\r\n${HEAD}Content-Length: ${BODY.length}\r\n\r\n${BODY}`,
  `POST /short HTTP/1.1\r\n${HEAD}Content-Length: 100\r\n\r\n${BODY}`,
  `POST /chunked HTTP/1.1\r\n${HEAD}${CHUNKED}\r\n4\r\nsome\r\n5\r\n body\r\n0\r\n\r\n`,
  `POST /trailers HTTP/1.1\r\n${HEAD}${CHUNKED}Trailer: x-t\r\n\r\n4\r\nsome\r\n0\r\nx-t: 1\r\n\r\n`,
  `POST /bad-chunk HTTP/1.1\r\n${HEAD}${CHUNKED}\r\nzz\r\nsome\r\n`,
  `POST /continue HTTP/1.1\r\n${HEAD}Expect: 100-continue\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
  `GET /expectation HTTP/1.1\r\n${HEAD}Expect: something\r\n\r\n`,
  `GET /upgrade HTTP/1.1\r\n${HEAD}Connection: Upgrade\r\nUpgrade: x\r\n\r\nfirst`,
  `CONNECT other:80 HTTP/1.1\r\n${HEAD}\r\nfirst`,
  `GET /traced HTTP/1.1\r\n${HEAD}traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n`,
  `GET /mistraced HTTP/1.1\r\n${HEAD}traceparent: zz\r\ntracestate: ,,=\r\nbaggage: %%\r\n\r\n`,
  `GET /%zz?a=%b&__proto__=1 HTTP/1.1\r\n${HEAD}\r\n`,
  'GET http://elsewhere/absolute HTTP/1.1\r\nHost: fuzz\r\n\r\n',
  'GET /hostless HTTP/1.1\r\n\r\n',
  `GET /long HTTP/1.1\r\n${HEAD}X-Long: ${'x'.repeat(20_000)}\r\n\r\n`,
  'NONSENSE\r\n\r\n',
  '\r\n\r\n',
];
const READS = [
  ...['nothing', 'resume', 'data', 'half', 'readable', 'iterate', 'destroyed', 'failed', 'piped'],
];
const ANSWERS = [
  ...['nothing', 'end', 'empty', 'head', 'pieces', 'twice', 'afterEnd', 'lateHeader', 'trailers'],
  ...['length', 'informed', 'flushed', 'destroyed', 'failed', 'closed', 'cut', 'large', 'throws'],
  ...['rejects', 'listenerThrows', 'removed'],
];
const LEAVE_MS = [-1, -1, -1, 0, 3, 12];

/** Scenarios of the server. */
export const serverScenario: fc.Arbitrary<ServerScenario> = fc.record({
  framework: fc.constantFrom('http', 'http', 'express', 'fastify', 'koa'),
  behaviours: fc.array(
    fc.record({
      read: fc.constantFrom(...READS),
      answer: fc.constantFrom(...ANSWERS),
      when: fc.constantFrom('now', 'tick', 'microtask', 'immediate', 'timer'),
      isWatched: fc.boolean(),
    }),
    { minLength: 1, maxLength: 2 },
  ),
  listeners: fc.subarray(['clientError', 'upgrade', 'connect', 'checkContinue']),
  requests: fc.array(fc.constantFrom(...REQUESTS), { minLength: 1, maxLength: 3 }),
  isPipelined: fc.boolean(),
  cutAt: fc.constantFrom(0, 0, 0.3, 0.8),
  leave: fc.constantFrom('end', 'destroy'),
  leaveMs: fc.constantFrom(...LEAVE_MS),
});

const OK = 'HTTP/1.1 200 OK\r\n';
const REPLIES = [
  `${OK}Content-Length: 4\r\n\r\nbody`,
  `${OK}Content-Length: 4\r\nConnection: close\r\n\r\nbody`,
  `${OK}Content-Length: 100\r\n\r\nshort`,
  `${OK}${CHUNKED}\r\n4\r\nbody\r\n0\r\n\r\n`,
  `${OK}${CHUNKED}\r\n4\r\nbody\r\n`,
  `${OK}${CHUNKED}\r\nzz\r\nbody\r\n`,
  `${OK}\r\nuntil the end`,
  `${OK}Content-Length: 4\r\n\r\nbody${OK}Content-Length: 4\r\n\r\nmore`,
  'HTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.1 304 Not Modified\r\n\r\n',
  'HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n',
  'HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno',
  'HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\nno',
  `HTTP/1.1 100 Continue\r\n\r\n${OK}Content-Length: 2\r\n\r\nok`,
  `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}Content-Length: 2\r\n\r\nok`,
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nhello',
  'HTTP/1.1 200 OK\r\nContent-Le',
  'NONSENSE\r\n\r\n',
  `${OK}Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nbody`,
];

const httpCall = fc.record({
  kind: fc.constant('http'),
  shape: fc.constantFrom('options', 'url', 'text', 'get', 'class'),
  agent: fc.constantFrom('global', 'none', 'keepAlive', 'single'),
  read: fc.constantFrom(
    ...['nothing', 'resume', 'data', 'half', 'iterate', 'leave', 'destroyed', 'failed', 'pipeline'],
    'throws',
  ),
  end: fc.constantFrom(
    ...['end', 'body', 'pieces', 'twice', 'afterEnd', 'destroyed', 'failed', 'aborted', 'never'],
  ),
  headers: fc.boolean(),
  isWatched: fc.boolean(),
  timeoutMs: fc.constantFrom(0, 0, 10),
});
const fetchCall = fc.record({
  kind: fc.constant('fetch'),
  use: fc.constantFrom('text', 'json', 'nothing', 'cancel', 'reader', 'clone'),
  body: fc.constantFrom('', 'a body'),
  abortMs: fc.constantFrom(-1, -1, -1, 0, 5),
  redirect: fc.constantFrom('follow', 'manual', 'error'),
});

/** Scenarios of its calls. */
export const clientScenario: fc.Arbitrary<ClientScenario> = fc.record({
  call: fc.oneof<fc.Arbitrary<Record<string, unknown>>[]>(httpCall, fetchCall),
  answers: fc.array(fc.constantFrom(...REPLIES), { maxLength: 2 }),
  leave: fc.constantFrom('end', 'destroy', 'reset'),
  leaveMs: fc.constantFrom(...LEAVE_MS),
});
