// Asks the processes of the measured service how much they have used, and takes what the agent exports.
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Usage } from './cost-probe.js';

const answerMsMax = 5000;

/** Where the probes connect to. */
export interface UsageServer {
  port: number;
  /** Sums over all processes that are connected. Rejects where there is none, or one does not answer. */
  ask(): Promise<{ cpuMicros: number; rssBytes: number }>;
  close(): void;
}

export async function startUsageServer(): Promise<UsageServer> {
  const probes = new Map<Socket, AsyncIterator<string>>();
  const server = createServer((socket) => {
    probes.set(socket, createInterface({ input: socket })[Symbol.asyncIterator]());
    socket.on('error', () => undefined);
    socket.on('close', () => probes.delete(socket));
  });
  const port = await listen(server);
  return {
    port,
    async ask() {
      if (probes.size === 0) throw new Error('no Node.js process of the command has reported');
      const answers = await Promise.all(
        [...probes].map(async ([socket, lines]) => {
          socket.write('?');
          const late = AbortSignal.timeout(answerMsMax);
          const line = await Promise.race([lines.next(), once(late, 'abort')]);
          if (Array.isArray(line)) throw new Error('a process of the command does not answer');
          return line.done === true ? undefined : (JSON.parse(line.value) as Usage);
        }),
      );
      const sums = { cpuMicros: 0, rssBytes: 0 };
      for (const usage of answers) {
        sums.cpuMicros += usage?.cpuMicros ?? 0;
        sums.rssBytes += usage?.rssBytes ?? 0;
      }
      return sums;
    },
    close() {
      for (const socket of probes.keys()) socket.destroy();
      server.close();
    },
  };
}

/** Takes OTLP as a collector would, and keeps nothing: exporting is part of what the agent costs. */
export interface Sink {
  url: string;
  /** Bytes of spans so far. */
  readonly spanBytes: number;
  close(): void;
}

export async function startSink(): Promise<Sink> {
  let spanBytes = 0;
  const server = createHttpServer((request, response) => {
    request.on('data', (chunk: Buffer) => {
      if (request.url === '/v1/traces') spanBytes += chunk.length;
    });
    request.on('end', () => response.writeHead(200).end());
    request.on('error', () => undefined);
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    get spanBytes() {
      return spanBytes;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
