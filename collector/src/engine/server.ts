// The embedded ClickHouse, a program of its own: started with an IPC channel, it ends when that channel closes.
import { mkdir } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type OpenEngine, OpenError, openEngine } from './chdb.js';
import { globCharacters, prepareBodiesFolder } from './data-files.js';
import { Executor } from './execute.js';
import { createEngineServer } from './http.js';
import type { FailedMessage, FromEngine, InitMessage, ToEngine } from './messages.js';

const portsTried = 50;
/** At the end, how long running statements are waited for before the process leaves without them. */
const drainTimeoutMs = 10_000;
/** The parent is gone: nobody waits for an answer. A crash loses nothing, so this may be short. */
const orphanDrainTimeoutMs = 2000;

interface Running {
  engine: OpenEngine;
  executor: Executor;
  server: Server;
}

let running: Running | undefined;
let ending = false;

process.on('message', (message: ToEngine) => {
  if (message.type === 'stop') void end(drainTimeoutMs);
  else void begin(message);
});
process.on('disconnect', () => void end(orphanDrainTimeoutMs));
// A terminal sends these to the whole group; the parent decides when the engine ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

async function begin(init: InitMessage): Promise<void> {
  try {
    running = await start(init);
    const { port } = running.server.address() as AddressInfo;
    tell({ type: 'ready', port, version: running.engine.version });
  } catch (thrown) {
    const detail = thrown instanceof Error ? thrown.message : String(thrown);
    const reason = thrown instanceof OpenError ? thrown.reason : 'other';
    process.send?.({ type: 'failed', reason, detail } satisfies FailedMessage, () =>
      process.exit(1),
    );
  }
}

async function start(init: InitMessage): Promise<Running> {
  if (globCharacters.test(init.dataDir)) {
    const why = `${init.dataDir} has one of * ? { } [ ] \\ in it, which ClickHouse takes for a pattern`;
    throw new OpenError('folder-unusable', why);
  }
  try {
    await mkdir(init.dataDir, { recursive: true });
    await prepareBodiesFolder(init.dataDir);
    // Files are named relative to this folder, so that its own name needs no quoting.
    process.chdir(init.dataDir);
  } catch (cause) {
    throw new OpenError('folder-unusable', cause);
  }
  const engine = await openEngine(init.dataDir, init.limits);
  const executor = new Executor(engine, init.dataDir, init.limits);
  const server = createEngineServer(executor, init.key);
  await listen(server, init.port, init.portSearch);
  return { engine, executor, server };
}

async function listen(server: Server, wanted: number, search: boolean): Promise<void> {
  const last = search && wanted !== 0 ? Math.min(wanted + portsTried, 65_535) : wanted;
  for (let port = wanted; port <= last; port += 1) {
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, '127.0.0.1', () => {
          server.off('error', reject);
          resolve();
        });
      });
      return;
    } catch (cause) {
      const taken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
      if (!taken) throw cause;
    }
  }
  throw new OpenError('port-taken', `port ${wanted} of the engine; set VENTURI_ENGINE_PORT`);
}

async function end(timeoutMs: number): Promise<void> {
  if (ending) return;
  ending = true;
  if (!running) return leave(0);
  const { engine, executor, server } = running;
  server.close();
  server.closeIdleConnections();
  let drained = false;
  const drain = executor.drain().then(() => {
    drained = true;
  });
  await Promise.race([drain, new Promise((resolve) => setTimeout(resolve, timeoutMs))]);
  // Closing a connection with a statement on it can hang inside the library, so that is left out then.
  if (drained) {
    await engine.parser.close();
    engine.close();
  }
  leave(drained ? 0 : 1);
}

/** Leaves for certain: the library's own exit hooks may wait for a statement that never ends. */
function leave(code: number): void {
  if (code === 0) process.exit(0);
  process.kill(process.pid, 'SIGKILL');
}

function tell(message: FromEngine): void {
  process.send?.(message, () => undefined);
}
