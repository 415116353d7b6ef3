// http2 servers to be called by a fixture, each slow or broken in one part of the exchange. They run in the test's process.

import * as http2 from 'node:http2';
import * as net from 'node:net';

/** How long each delay lasts; what is measured can only be longer. */
export const DELAY_MS = 120;
/** TLS without certificates: both sides know a key. */
const PSK = { ciphers: 'PSK-AES128-GCM-SHA256', maxVersion: 'TLSv1.2' as const };
const KEY = Buffer.alloc(16, 0x0f);

type Stream = http2.ServerHttp2Stream;
type Handler = (stream: Stream, headers: http2.IncomingHttpHeaders) => void;

const later = (run: () => void): void => void setTimeout(run, DELAY_MS);
const reply = (stream: Stream, body: string, status = 200): void => {
  if (stream.destroyed) return;
  stream.respond({ ':status': status });
  stream.end(body);
};

const ROUTES: Record<string, Handler> = {
  '/ok': (stream) => reply(stream, 'ok'),
  '/empty': (stream) => stream.respond({ ':status': 204 }, { endStream: true }),
  '/slow-head': (stream) => later(() => reply(stream, 'ok')),
  '/slow-body': (stream) => {
    stream.respond({ ':status': 200 });
    stream.write('o');
    later(() => stream.end('k'));
  },
  '/status/500': (stream) => reply(stream, 'broken', 500),
  '/headers': (stream, headers) => reply(stream, JSON.stringify(headers)),
  '/upload': (stream) => void stream.resume().on('end', () => reply(stream, 'ok')),
  '/hint': (stream) => {
    stream.additionalHeaders({ ':status': 103, link: '</a>' });
    later(() => reply(stream, 'ok'));
  },
  '/trailers': (stream) => {
    stream.respond({ ':status': 200 }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-trailer': '1' }));
    stream.end('ok');
  },
  '/push': (stream) => {
    stream.pushStream({ ':path': '/pushed' }, (error, pushed) => {
      if (error === null) reply(pushed, 'pushed');
      reply(stream, 'ok');
    });
  },
  '/redirect': (stream) => {
    stream.respond({ ':status': 302, location: '/ok' }, { endStream: true });
  },
  '/never': () => {},
  '/refuse': (stream) => stream.close(http2.constants.NGHTTP2_REFUSED_STREAM),
  '/cancel': (stream) => stream.close(http2.constants.NGHTTP2_CANCEL),
  '/cancel-begun': (stream) => {
    stream.respond({ ':status': 200 });
    stream.write('begun');
    later(() => stream.destroy(new Error('on purpose')));
  },
  '/goaway': ({ session }) => session?.goaway(http2.constants.NGHTTP2_ENHANCE_YOUR_CALM),
};

/** The servers, and where they are. */
export class Http2Backends {
  readonly #plain = http2.createServer();
  readonly #single = http2.createServer({ settings: { maxConcurrentStreams: 1 } });
  readonly #tls = http2.createSecureServer({ ...PSK, pskCallback: () => KEY } as never);
  /** Passes bytes on to the TLS server, the first of them late. */
  readonly #slowTls = net.createServer((socket) => {
    const upstream = net.connect(portOf(this.#tls), '127.0.0.1');
    socket.on('error', () => upstream.destroy());
    upstream.on('error', () => socket.destroy());
    later(() => socket.pipe(upstream).pipe(socket));
  });
  readonly #sockets = new Set<net.Socket>();

  /** Starts them. @returns the environment that a fixture finds them by */
  async start(): Promise<Record<string, string>> {
    for (const server of [this.#plain, this.#single, this.#tls]) {
      server.on('stream', (stream, headers) => this.#serve(stream, headers));
      server.on('connection', (socket: net.Socket) => this.#sockets.add(socket));
    }
    for (const server of [this.#plain, this.#single, this.#tls, this.#slowTls]) {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    }
    return {
      HTTP_PORT: String(portOf(this.#plain)),
      SINGLE_PORT: String(portOf(this.#single)),
      TLS_PORT: String(portOf(this.#tls)),
      SLOW_TLS_PORT: String(portOf(this.#slowTls)),
      CLOSED_PORT: String(await closedPort()),
      DELAY_MS: String(DELAY_MS),
      PSK: JSON.stringify({ ...PSK, key: KEY.toString('hex') }),
    };
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    for (const server of [this.#plain, this.#single, this.#tls, this.#slowTls]) server.close();
  }

  #serve(stream: Stream, headers: http2.IncomingHttpHeaders): void {
    stream.on('error', () => {});
    if (headers[':method'] === 'CONNECT') {
      stream.respond({ ':status': 200 });
      stream.write('tunnel');
      return;
    }
    const [path = ''] = String(headers[':path']).split('?');
    // Late, so that nothing unread makes an orderly end a reset.
    if (path === '/cut') later(() => this.#socketOf(stream)?.destroy());
    else if (path === '/reset') later(() => this.#socketOf(stream)?.resetAndDestroy());
    else (ROUTES[path] ?? ((of: Stream) => reply(of, 'not found', 404)))(stream, headers);
  }

  /** The socket itself: what a session shows of it may not be destroyed. */
  #socketOf({ session }: Stream): net.Socket | undefined {
    const port = session?.socket.remotePort;
    return [...this.#sockets].find(({ remotePort }) => remotePort === port);
  }
}

function portOf(server: net.Server): number {
  return (server.address() as net.AddressInfo).port;
}

async function closedPort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
