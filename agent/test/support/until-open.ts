// Waits for a server that says nowhere that it is ready.

import { connect } from 'node:net';

const TRY_MS = 25;

/** Resolves when somebody listens on the port of 127.0.0.1, and rejects when nobody has in time. */
export async function untilOpen(port: number, waitMsMax: number): Promise<void> {
  const deadline = Date.now() + waitMsMax;
  while (Date.now() < deadline) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect({ port, host: '127.0.0.1' }, () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, TRY_MS));
  }
  throw new Error(`Nobody listens on ${port}`);
}
