// Turns silences of the heartbeat into stalls, and keeps each until its request can tell its route.

import { stalls } from '../trace/pauses.js';
import { blamedEntry } from './blame.js';
import { asleepMs, blockedMs, type Gap, type Witness } from './gap.js';
import { cut } from './segments.js';
import { emitStall, type Stall } from './stall-span.js';
import { victimsOf } from './victims.js';
import { weigh } from './weigh.js';

/** A stall waits this long for its request to end, because routes are often known only then. */
const ROUTE_WAIT_MS = 2000;
/** Beyond this the oldest go out as they are. */
const PENDING_MAX = 64;
/** A gap in which the main thread slept longer than this share waits for what the worker knows. */
const DOUBTFUL_SHARE = 0.25;
/** The worker looks at the clock at least this often when it is alive. */
const WITNESS_WAIT_MS = 300;

/** What the worker has noticed up to now. */
export interface WorkerView {
  /** In all, since it started. */
  oversleptMs: number;
  /** When it last ran. */
  seenAtMs: number;
  isTrusted: boolean;
}

/** Decides, cuts, remembers and emits. */
export class StallRecorder {
  readonly #thresholdMs: number;
  readonly #doubtful: Gap[] = [];
  readonly #pending: Stall[] = [];

  constructor(thresholdMs: number) {
    this.#thresholdMs = thresholdMs;
  }

  /** Takes a gap that has just ended. */
  add(gap: Gap, worker: WorkerView): void {
    const isDoubtful = asleepMs(gap) > DOUBTFUL_SHARE * gap.busyMs && gap.isWitnessed;
    // What comes after a doubtful one waits too: stalls are recorded in the order of their ends.
    const mustWait = (isDoubtful && worker.isTrusted) || this.#doubtful.length > 0;
    if (mustWait) this.#doubtful.push(gap);
    else this.#decide(gap, witness(gap, worker));
  }

  get isEmpty(): boolean {
    return this.#doubtful.length === 0 && this.#pending.length === 0;
  }

  /** Emits what can be emitted. Call at each beat while not empty. */
  settle(nowMs: number, worker: WorkerView): void {
    while (this.#doubtful.length > 0) {
      const gap = this.#doubtful[0] as Gap;
      const hasSpoken = worker.seenAtMs > gap.endMs;
      if (!hasSpoken && nowMs - gap.endMs < WITNESS_WAIT_MS) break;
      this.#doubtful.shift();
      const seen = witness(gap, worker);
      this.#decide(gap, { ...seen, isTrusted: seen.isTrusted && hasSpoken });
    }
    for (let i = 0; i < this.#pending.length; ) {
      const stall = this.#pending[i] as Stall;
      const knowsRoute = stall.entry === undefined || stall.entry.ended;
      const isDue = nowMs > stall.endMs && (knowsRoute || nowMs - stall.endMs >= ROUTE_WAIT_MS);
      if (isDue || this.#pending.length > PENDING_MAX) {
        this.#pending.splice(i, 1);
        emitStall(stall);
      } else i++;
    }
  }

  /** Emits everything as it is. */
  flush(worker: WorkerView): void {
    for (const gap of this.#doubtful.splice(0)) this.#decide(gap, witness(gap, worker));
    for (const stall of this.#pending.splice(0)) emitStall(stall);
  }

  #decide(gap: Gap, seen: Witness): void {
    const ms = blockedMs(gap, seen, this.#thresholdMs);
    if (ms === 0) return;
    const startMs = startOf(gap);
    stalls.push(startMs, startMs + ms);
    const share = ms / gap.busyMs;
    const endMs = startMs + gap.busyMs;
    const silence = { startMs, endMs, samples: weigh(gap, startMs) };
    for (const segment of cut(silence, this.#thresholdMs)) {
      const lengthMs = segment.endMs - segment.startMs;
      const stall = { startMs: segment.startMs, endMs: segment.startMs + lengthMs * share };
      const entry = blamedEntry(segment.samples);
      this.#pending.push({
        ...stall,
        cpuMs: Math.min(gap.cpuMs, gap.busyMs) * (lengthMs / gap.busyMs),
        samples: segment.samples,
        entry,
        victims: victimsOf({ ...stall, runner: entry }, gap.bystanders),
      });
    }
  }
}

/**
 * The loop was idle until the blocking code began, so a stall ends where the gap does. Only the slow beat of a resting
 * loop may come some time after it; then the samples say when it was.
 */
function startOf(gap: Gap): number {
  const latestMs = gap.endMs - gap.busyMs;
  const seenMs = gap.samples[0]?.atMs ?? gap.endMs;
  return Math.min(latestMs, seenMs);
}

function witness(gap: Gap, worker: WorkerView): Witness {
  return {
    oversleptMs: worker.oversleptMs - gap.oversleptBeforeMs,
    isTrusted: worker.isTrusted && gap.isWitnessed,
  };
}
