// What `npm start` runs: the demo shop with Venturi beside it.
import { writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Verdict } from '@venturi/collector/schema';
import { type DemoOptions, readOptions, USAGE, UsageError } from './options.js';
import { verdictTable } from './report/table.js';
import { fetchVerdict } from './report/verdict.js';
import { writeTruth } from './scenario/truth.js';
import { type Ground, type Scene, startGround, startScene } from './stack/demo.js';
import { stateFolder } from './stack/paths.js';

/** A cold start, lazy initialisation and a filling heap are over by then. */
const WARM_UP_MS = 15_000;
/** Without --once the first verdict is printed after this long, counted from the end of the warm-up. */
const FIRST_LOOK_MS = 30_000;

const say = (text: string): void => {
  console.log(text);
};

async function main(options: DemoOptions): Promise<void> {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // The second signal is for the impatient: children end by themselves once their channel closes.
    process.on(signal, () => {
      if (interrupted.signal.aborted) process.exit(130);
      say('\nStopping');
      interrupted.abort();
    });
  }
  if (options.truthFile !== undefined) await writeTruth(options.truthFile, options.scenario);
  const ground = await unlessInterrupted(
    startGround(stateFolder(process.env), say),
    interrupted.signal,
  );
  if (ground === undefined) return;
  try {
    if (interrupted.signal.aborted) return;
    say('Starting the shop and its load');
    const starting = startScene(ground, options.scenario);
    const scene = await unlessInterrupted(starting, interrupted.signal);
    if (scene === undefined) return;
    try {
      await run({ ground, scene, options }, interrupted.signal);
    } finally {
      await scene.stop();
    }
  } finally {
    await ground.stop();
  }
}

/** Ctrl-C reaches what is starting as well, which then fails: that is no failure to tell of. */
async function unlessInterrupted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

interface Running {
  ground: Ground;
  scene: Scene;
  options: DemoOptions;
}

async function run(running: Running, interrupted: AbortSignal): Promise<void> {
  if (interrupted.aborted) return;
  const { ground, scene, options } = running;
  const failed = firstToEnd(running);
  const pause = (durationMs: number) =>
    Promise.race([delay(durationMs, undefined, { signal: interrupted }), failed]);
  try {
    say(`Venturi: ${ground.collector.ready.url}`);
    say(`Warming up for ${WARM_UP_MS / 1000} s`);
    await pause(WARM_UP_MS);
    const from = Date.now();
    const lookMs = options.once ? options.durationSeconds * 1000 : FIRST_LOOK_MS;
    say(`Watching for ${lookMs / 1000} s`);
    await pause(lookMs);
    const window = { from, to: Date.now() };
    if (options.once) await scene.stop();
    else await pause(2_000);
    await report(await fetchVerdict(ground.collector.ready.url, window), options);
    if (options.once) return;
    say('\nPress Ctrl-C to stop.');
    await pause(2 ** 31 - 1);
  } catch (error) {
    if (!interrupted.aborted) throw error;
  }
}

async function report(verdict: Verdict, { jsonFile }: DemoOptions): Promise<void> {
  say(`\n${verdictTable(verdict)}`);
  if (jsonFile !== undefined) await writeFile(jsonFile, `${JSON.stringify(verdict, null, 2)}\n`);
}

/** Rejects as soon as a process of the demo ends that nobody asked to end. */
function firstToEnd({ ground, scene }: Running): Promise<never> {
  const children = [ground.collector, scene.load.child, ...scene.shop.children];
  const ended = [
    ...children.map((child) => child.ended.then(() => child.name)),
    ground.postgres.ended.then(() => 'PostgreSQL'),
  ];
  const failed = Promise.race(ended).then((name) => {
    throw new Error(`${name} ended by itself: its log is in ${ground.stateFolder}.`);
  });
  // At the end all of them end as they were told to, and nobody waits for this any more.
  failed.catch(() => {});
  return failed;
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) say(USAGE);
  else await main(options);
  process.exit(0);
} catch (error) {
  console.error((error as Error).message);
  process.exit(error instanceof UsageError ? 2 : 1);
}
