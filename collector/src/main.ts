// The process that `venturi collect` runs: options, start, one line where something is wrong, and a clean end.
import { createApp } from './app.js';
import { parseConfig } from './config/parse.js';
import { toVenturiError } from './self/errors.js';
import { createLog } from './self/log.js';

/** What a parent with an IPC channel gets once the collector answers. */
export interface ReadyMessage {
  type: 'ready';
  url: string;
  engineUrl: string;
}

/** Longest time that an end may take beyond its own limits, before the process just goes. */
const endMarginMs = 20_000;

async function run(argv: readonly string[]): Promise<void> {
  const config = parseConfig({ env: process.env, argv });
  const log = createLog({ level: config.logLevel, name: 'venturi-collector' });
  const app = createApp({ config, log });
  let ending = false;
  let started: Promise<void> = Promise.resolve();

  const end = async (reason: string): Promise<void> => {
    if (ending) return;
    ending = true;
    log.info({ reason }, 'shutting down');
    const limitMs = config.drainTimeoutMs + config.flushTimeoutMs + endMarginMs;
    setTimeout(() => process.exit(1), limitMs).unref();
    // A start that is under way comes to its end first; then there is something to stop.
    await started.catch(() => undefined);
    await app.stop();
    process.exit(0);
  };
  process.on('SIGTERM', () => void end('SIGTERM'));
  process.on('SIGINT', () => void end('SIGINT'));
  if (config.exitWithParent) process.on('disconnect', () => void end('the parent is gone'));

  started = app.start();
  await started;
  // The parent may have gone before anybody listened for it.
  if (config.exitWithParent && process.send && !process.connected) await end('the parent is gone');
  if (ending) return;
  log.info(
    { url: app.url, engineUrl: app.engineUrl, dataDir: config.dataDir },
    'the collector is ready',
  );
  const ready: ReadyMessage = { type: 'ready', url: app.url, engineUrl: app.engineUrl };
  process.send?.(ready, undefined, undefined, () => undefined);
}

run(process.argv.slice(2)).catch((thrown: unknown) => {
  const error = toVenturiError(thrown);
  process.stderr.write(`venturi collect: ${error.code}: ${error.message}\n`);
  process.exit(1);
});
