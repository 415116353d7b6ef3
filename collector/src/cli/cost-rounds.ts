// Starts the user's command with and without the agent by turns, loads it, and reads what it has used.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, drive, type Load } from './cost-load.js';
import { COST_PORT } from './cost-probe.js';
import type { Sink, UsageServer } from './cost-usage.js';
import { withImport, withRequire } from './node-options.js';
import { costProbe } from './places.js';
import type { Reaper } from './reaper-client.js';

/** What is measured. */
export interface CostPlan {
  command: readonly string[];
  load: Load;
  rounds: number;
  /** That are measured, in each round and each way. */
  requests: number;
  /** The file that loads the agent. */
  register: string;
  reaper: Reaper;
  usage: UsageServer;
  sink: Sink;
  progress: (line: string) => void;
}

/** One way of one round. */
interface Measured {
  cpuMicrosPerRequest: number;
  rssBytes: number;
  p50Ms: number;
  p99Ms: number;
  failed: number;
}

/** Both ways of one round, one directly after the other. */
export interface Round {
  without: Measured;
  with: Measured;
}

const startMsMax = 60_000;
const pollMs = 50;
const stopMsMax = 10_000;

/** Measures all rounds; which way comes first alternates. */
export async function measureRounds(plan: CostPlan): Promise<Round[]> {
  const rounds: Round[] = [];
  for (let i = 0; i < plan.rounds; i++) {
    const measured: Partial<Round> = {};
    for (const way of i % 2 === 0 ? (['without', 'with'] as const) : (['with', 'without'] as const))
      measured[way] = await measure(plan, way);
    rounds.push(measured as Round);
    const { without, with: under } = measured as Round;
    plan.progress(
      `round ${i + 1} of ${plan.rounds}: ${without.cpuMicrosPerRequest.toFixed(1)} µs of CPU a request without the agent, ${under.cpuMicrosPerRequest.toFixed(1)} with it`,
    );
  }
  return rounds;
}

async function measure(plan: CostPlan, way: keyof Round): Promise<Measured> {
  const { sink } = plan;
  const spanBytes = sink.spanBytes;
  const service = startService(plan, way);
  let measured: Measured;
  try {
    await untilAnswering(service, plan.load);
    measured = await loaded(plan);
  } finally {
    await stopService(service, plan.reaper);
  }
  // The last spans are sent as the service ends.
  if (way === 'with' && sink.spanBytes === spanBytes) {
    throw new Error('the agent recorded nothing: is the service started by Node.js?');
  }
  return measured;
}

async function loaded({ load, requests, usage }: CostPlan): Promise<Measured> {
  // Code that is not compiled yet costs many times what it costs later, with the agent as without it.
  await drive(load, requests);
  const before = await usage.ask();
  const { latenciesMs, failed } = await drive(load, requests);
  const after = await usage.ask();
  const last = latenciesMs.length - 1;
  const at = (share: number): number =>
    latenciesMs[Math.min(last, Math.floor(latenciesMs.length * share))] as number;
  return {
    cpuMicrosPerRequest: (after.cpuMicros - before.cpuMicros) / requests,
    rssBytes: after.rssBytes,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    failed,
  };
}

function startService(plan: CostPlan, way: keyof Round): ChildProcess {
  const { command, register, usage, sink, reaper } = plan;
  const probed = withImport(process.env.NODE_OPTIONS, costProbe);
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    // What it prints is the same each time, and there are many times.
    stdio: ['ignore', 'ignore', 'inherit'],
    // A group of its own, so that all that it starts can be ended.
    detached: true,
    env: {
      ...process.env,
      NODE_OPTIONS: way === 'with' ? withRequire(probed, register) : probed,
      [COST_PORT]: String(usage.port),
      VENTURI_ENDPOINT: sink.url,
    },
  });
  child.once('error', () => undefined);
  if (child.pid !== undefined) reaper.watch(-child.pid);
  return child;
}

async function untilAnswering(service: ChildProcess, load: Load): Promise<void> {
  const url = new URL(load.urls[0] as string);
  const untilMs = Date.now() + startMsMax;
  while ((await ask(url, load)) === 0) {
    if (service.pid === undefined) throw new Error(`${service.spawnfile}: not found`);
    if (service.exitCode !== null) throw new Error(`the command ended with ${service.exitCode}`);
    if (Date.now() > untilMs) throw new Error(`nothing answers at ${url}`);
    await sleep(pollMs);
  }
}

async function stopService(service: ChildProcess, reaper: Reaper): Promise<void> {
  const { pid } = service;
  if (pid === undefined) return;
  const ended = service.exitCode !== null || service.signalCode !== null;
  const exit = ended ? undefined : once(service, 'exit');
  send(-pid, 'SIGTERM');
  const patience = sleep(stopMsMax, 'late', { ref: false });
  if (exit !== undefined && (await Promise.race([exit, patience])) === 'late')
    send(-pid, 'SIGKILL');
  await exit;
  // What npm or a cluster has left behind.
  send(-pid, 'SIGKILL');
  reaper.forget(-pid);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}
