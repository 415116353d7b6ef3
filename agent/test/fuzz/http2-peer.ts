// The other end of the connections of the HTTP/2 fuzz, in the process of the test: its client and its server.

import * as http2 from 'node:http2';
import type * as net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Http2ClientScenario, Http2ServerScenario } from './http2-scenarios.js';

const KEY = Buffer.alloc(16, 0x0f);
const TLS = { ciphers: 'PSK-AES128-GCM-SHA256', maxVersion: 'TLSv1.2' as const };
/** So long nothing more has happened when a scenario is over. */
const SILENT_MS = 25;
const LAST_MS_MAX = 400;

/** Notes what the other end saw of each stream. Their order against each other is a matter of chance. */
class Notes {
  readonly #byStream: string[][] = [];
  #lastMs = performance.now();

  follow(stream: http2.Http2Stream): string[] {
    const notes: string[] = [];
    let bytes = 0;
    this.#byStream.push(notes);
    const note = (line: string): void => {
      notes.push(line);
      this.#lastMs = performance.now();
    };
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      this.#lastMs = performance.now();
    });
    stream.on('response', (headers: object) => note(`response ${named(headers)}`));
    stream.on('headers', (headers: object) => note(`headers ${named(headers)}`));
    stream.on('trailers', (headers: object) => note(`trailers ${named(headers)}`));
    stream.on('push', (headers: object) => note(`push ${named(headers)}`));
    stream.on('end', () => note(`end ${bytes}`));
    stream.on('error', (error: NodeJS.ErrnoException) => note(`error ${error.code}`));
    stream.on('close', () => note(`close ${stream.rstCode}`));
    return notes;
  }

  async silence(): Promise<string> {
    const sinceMs = performance.now();
    this.#lastMs = sinceMs;
    while (performance.now() - this.#lastMs < SILENT_MS) {
      if (performance.now() - sinceMs > LAST_MS_MAX) break;
      await sleep(5);
    }
    return this.#byStream.map((notes) => notes.join()).join('\n');
  }
}

/** Names and values, without what the agent is there to send and what differs between two runs. */
function named(headers: object): string {
  return Object.entries(headers)
    .filter(([name]) => !/^(traceparent|date)$/.test(name))
    .map(([name, value]) => `${name}=${String(value).replace(/127\.0\.0\.1:\d+/, 'server')}`)
    .join('&');
}

/** Plays the client. @returns what it saw */
export async function visit(port: number, scenario: Http2ServerScenario): Promise<string> {
  const { isSecure, requests } = scenario;
  const client = http2.connect(`${isSecure ? 'https' : 'http'}://127.0.0.1:${port}`, {
    ...TLS,
    pskCallback: () => ({ psk: KEY, identity: 'test' }),
    checkServerIdentity: () => undefined,
  } as http2.SecureClientSessionOptions);
  const notes = new Notes();
  client.on('error', () => {});
  client.on('stream', (pushed) => notes.follow(pushed));
  let saw = '';
  for (const { body, leave, leaveMs } of requests) {
    if (client.destroyed || client.closed) break;
    const method = body === '' ? 'GET' : 'POST';
    const stream = client.request({ ':path': '/path', ':method': method });
    notes.follow(stream);
    stream.end(body);
    if (leaveMs >= 0) setTimeout(() => leaving(stream, leave), leaveMs);
    saw = await notes.silence();
  }
  client.destroy();
  return saw;
}

function leaving(stream: http2.ClientHttp2Stream, how: string): void {
  if (how === 'canceled') stream.close(http2.constants.NGHTTP2_CANCEL);
  else if (how === 'closed') stream.close();
  else if (how === 'destroyed') stream.destroy();
  else if (how === 'failed') stream.destroy(new RangeError('given up'));
  else stream.session?.destroy();
}

const ANSWERS: Record<string, (stream: http2.ServerHttp2Stream) => void> = {
  nothing: () => {},
  end: (stream) => void stream.end('answer'),
  head: (stream) => stream.respond({ ':status': 204 }, { endStream: true }),
  pieces: (stream) => {
    stream.write('one');
    setImmediate(() => stream.end('two'));
  },
  trailers: (stream) => {
    stream.respond({ ':status': 500 }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '4' }));
    stream.end('body');
  },
  informed: (stream) => {
    stream.additionalHeaders({ ':status': 103 });
    stream.end('answer');
  },
  pushed: (stream) => {
    stream.pushStream({ ':path': '/pushed' }, (error, pushed) => {
      pushed?.on('error', () => {});
      if (error === null) pushed.end('pushed');
      stream.end('answer');
    });
  },
  large: (stream) => void stream.end('x'.repeat(200_000)),
  refused: (stream) => stream.close(http2.constants.NGHTTP2_REFUSED_STREAM),
  canceled: (stream) => stream.close(http2.constants.NGHTTP2_CANCEL),
  failed: (stream) => void stream.destroy(new RangeError('broken')),
  sessionDestroyed: (stream) => stream.session?.destroy(),
  goaway: (stream) => stream.session?.goaway(11),
};

/** Plays the server that is called. */
export class Http2Peer {
  readonly #notes = new Notes();
  readonly #sockets = new Set<net.Socket>();
  readonly #server: net.Server;

  constructor({ isSecure, answer, streamsMax }: Http2ClientScenario) {
    const settings = { maxConcurrentStreams: streamsMax };
    const server = isSecure
      ? http2.createSecureServer({ ...TLS, settings, pskCallback: () => KEY } as never)
      : http2.createServer({ settings });
    server.on('connection', (socket: net.Socket) => this.#sockets.add(socket));
    server.on('sessionError', () => {});
    server.on('stream', (stream, headers) => {
      this.#notes.follow(stream).push(named(headers));
      if (answer === 'cut') for (const socket of this.#sockets) socket.destroy();
      else if (!stream.destroyed) ANSWERS[answer]?.(stream);
    });
    this.#server = server;
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as net.AddressInfo).port;
  }

  silence(): Promise<string> {
    return this.#notes.silence();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
