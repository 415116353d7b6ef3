// How every process of the shop begins and ends: it announces its URL to its parent and dies with it.
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** After this long a process that was told to stop ends even if a request is still open. */
const STOP_DEADLINE_MS = 3_000;

/** What a child sends over IPC once it answers requests. */
interface ReadyMessage {
  type: 'ready';
  url: string;
}

/** Listens on a free port of 127.0.0.1, or on `DEMO_PORT`, and resolves with the URL. */
export async function listen(server: Server, env: NodeJS.ProcessEnv): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(Number(env.DEMO_PORT ?? 0), '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Tells the parent that the process is ready. Without a parent (started by hand) it prints the URL. */
export function announce(url: string): void {
  const message: ReadyMessage = { type: 'ready', url };
  if (process.send) process.send(message);
  else console.log(url);
}

/**
 * Ends the process after `stop`, on a signal or when the parent is gone.
 */
export function stopWithParent(stop: () => Promise<void>): void {
  let stopping = false;
  const end = (): void => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(0), STOP_DEADLINE_MS).unref();
    stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  if (process.channel) process.once('disconnect', end);
}
