// Finds a port for a server that cannot be told to take any.

import { createServer } from 'node:net';

/** Below those that systems give to outgoing connections, one of which could take the port before the server does. */
const PORT_MIN = 15_000;
const PORTS = 15_000;

/** A port of 127.0.0.1 on which nobody listens at this moment. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORT_MIN + Math.floor(Math.random() * PORTS);
    const probe = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise((resolve) => probe.close(resolve));
    return port;
  }
}
