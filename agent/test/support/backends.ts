// Servers to be called by a fixture, each slow or broken in one part of the exchange. They run in the test's process.

import { type ChildProcess, spawn } from 'node:child_process';
import * as http from 'node:http';
import * as https from 'node:https';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How long each delay lasts; what is measured can only be longer. */
export const DELAY_MS = 120;
/** TLS without certificates: both sides know a key. */
const PSK = {
  ciphers: 'PSK-AES128-GCM-SHA256',
  maxVersion: 'TLSv1.2' as const,
  key: '0f'.repeat(16),
};

const LISTEN_AND_BLOCK = `
const server = require('node:net').createServer((socket) => {
  socket.on('error', () => {});
  socket.once('data', () => socket.end('HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nok'));
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  require('node:fs').writeSync(1, server.address().port + '\\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
});`;

type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void;

const later = (run: () => void): void => void setTimeout(run, DELAY_MS);

const ROUTES: Record<string, Handler> = {
  '/ok': (_request, response) => response.end('ok'),
  '/slow-head': (_request, response) => later(() => response.end('ok')),
  '/slow-body': (_request, response) => {
    response.write('o');
    later(() => response.end('k'));
  },
  '/status/500': (_request, response) => response.writeHead(500).end('broken'),
  '/headers': (request, response) => response.end(JSON.stringify(request.rawHeaders)),
  '/echo': (request, response) => request.pipe(response),
  '/upload': (request, response) => void request.resume().on('end', () => response.end('ok')),
  '/never': () => {},
  '/hang-up': (request) => request.socket.destroy(),
  '/reset': (request) => request.socket.resetAndDestroy(),
  '/short': (request, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('begun');
    later(() => request.socket.destroy());
  },
  '/endless': (_request, response) => {
    response.write('begun');
  },
  '/large': (_request, response) => response.end('x'.repeat(4 << 20)),
  '/redirect': (_request, response) => response.writeHead(302, { location: '/hop' }).end(),
  '/hop': (_request, response) => response.writeHead(307, { location: '/ok' }).end('moved'),
  '/hint': (_request, response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' }, () =>
      later(() => response.end('ok')),
    );
  },
};

/** The servers, and where they are. */
export class Backends {
  readonly requests: http.IncomingMessage[] = [];
  readonly #failures = new Map<string, number>();
  readonly #http = http.createServer((request, response) => this.#serve(request, response));
  readonly #socket = http.createServer((request, response) => this.#serve(request, response));
  readonly #https = https.createServer(
    { ...pskOfServer(), allowHTTP1: true } as https.ServerOptions,
    (request, response) => this.#serve(request, response),
  );
  /** Passes bytes on to the https server, the first of them late. */
  readonly #slowTls = net.createServer((socket) => {
    const upstream = net.connect(portOf(this.#https), '127.0.0.1');
    socket.on('error', () => upstream.destroy());
    upstream.on('error', () => socket.destroy());
    later(() => socket.pipe(upstream).pipe(socket));
  });
  readonly #path = join(tmpdir(), `venturi-${process.pid}.sock`);
  #slowAccept: ChildProcess | undefined;
  #fillers: net.Socket[] = [];

  /** Starts them. @returns the environment that a fixture finds them by */
  async start(): Promise<Record<string, string>> {
    for (const server of [this.#http, this.#https, this.#slowTls]) {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    }
    await new Promise<void>((resolve) => this.#socket.listen(this.#path, resolve));
    this.#http.on('checkContinue', (request, response) => {
      later(() => {
        response.writeContinue();
        this.#serve(request, response);
      });
    });
    this.#http.on('upgrade', (_request, socket) => answerRaw(socket as net.Socket, '101 Upgraded'));
    this.#http.on('connect', (_request, socket) =>
      answerRaw(socket as net.Socket, '200 Connected'),
    );
    return {
      HTTP_PORT: String(portOf(this.#http)),
      HTTPS_PORT: String(portOf(this.#https)),
      SLOW_TLS_PORT: String(portOf(this.#slowTls)),
      DELAY_MS: String(DELAY_MS),
      SOCKET_PATH: this.#path,
      CLOSED_PORT: String(await closedPort()),
      PSK: JSON.stringify(PSK),
    };
  }

  /** A server whose queue of connections is full for a while: Linux then makes the next wait a second. */
  async startSlowAccept(): Promise<string> {
    const child = spawn(process.execPath, ['-e', LISTEN_AND_BLOCK], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#slowAccept = child;
    const port = await new Promise<number>((resolve) =>
      child.stdout.once('data', (data) => resolve(Number(String(data)))),
    );
    for (let i = 0; i < 2; i++) {
      const filler = net.connect(port, '127.0.0.1').on('error', () => {});
      await new Promise((resolve) => filler.once('connect', resolve));
      this.#fillers.push(filler);
    }
    return String(port);
  }

  async stop(): Promise<void> {
    this.#slowAccept?.kill();
    for (const filler of this.#fillers) filler.destroy();
    for (const server of [this.#http, this.#https, this.#socket]) {
      server.closeAllConnections();
      server.close();
    }
    this.#slowTls.close();
  }

  #serve(request: http.IncomingMessage, response: http.ServerResponse): void {
    this.requests.push(request);
    const path = (request.url ?? '').split('?')[0] as string;
    const flaky = /^\/flaky\/(\w+)$/.exec(path)?.[1];
    if (flaky === undefined) (ROUTES[path] ?? notFound)(request, response);
    else this.#serveFlaky(flaky, response);
  }

  /** 503 twice, then 200. */
  #serveFlaky(name: string, response: http.ServerResponse): void {
    const failures = this.#failures.get(name) ?? 0;
    this.#failures.set(name, failures + 1);
    if (failures < 2) response.writeHead(503, { 'retry-after': '0' }).end('later');
    else response.end('ok');
  }
}

const notFound: Handler = (_request, response) => void response.writeHead(404).end();

function portOf(server: net.Server): number {
  return (server.address() as net.AddressInfo).port;
}

/** A port that nobody listens on; fetch refuses the well-known ones by itself. */
async function closedPort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function answerRaw(socket: net.Socket, status: string): void {
  socket.on('error', () => {});
  const upgrade = status.startsWith('101') ? 'Connection: Upgrade\r\nUpgrade: test\r\n' : '';
  socket.end(`HTTP/1.1 ${status}\r\n${upgrade}\r\nraw`);
}

function pskOfServer(): object {
  const key = Buffer.from(PSK.key, 'hex');
  const { ciphers, maxVersion } = PSK;
  return { ciphers, maxVersion, pskCallback: () => key, pskIdentityHint: 'test' };
}
