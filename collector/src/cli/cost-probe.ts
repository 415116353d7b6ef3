// Loaded into the measured service, with and without the agent: tells `venturi cost` how much CPU the process has used.
import { connect } from 'node:net';
import { isMainThread } from 'node:worker_threads';

/** What one process answers each time it is asked. */
export interface Usage {
  pid: number;
  /** Of all threads, since the process started. */
  cpuMicros: number;
  rssBytes: number;
}

/** Names the port of who asks. */
export const COST_PORT = 'VENTURI_COST_PORT';

const port = Number(process.env[COST_PORT]);
if (isMainThread && port > 0) {
  const socket = connect({ port, host: '127.0.0.1' });
  // The service ends as it would without it.
  socket.unref();
  socket.on('error', () => undefined);
  socket.on('data', (asked) => {
    const { user, system } = process.cpuUsage();
    const usage: Usage = {
      pid: process.pid,
      cpuMicros: user + system,
      rssBytes: process.memoryUsage.rss(),
    };
    socket.write(`${JSON.stringify(usage)}\n`.repeat(asked.length));
  });
}
