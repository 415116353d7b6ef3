// Holds the agent to a share of the process's CPU: takes detail and spans away, and gives them back.

import { SHED_STEPS, type ShedStep } from './shed.js';

/** Of one core. Below it nobody notices the agent, whatever share it has of a process that does nothing. */
const CORE_SHARE_MIN = 0.01;
/** What was taken away is given back below this part of the limit ... */
const BACK_PART = 0.5;
/** ... after so many readings in a row, */
const CALM_READINGS = 6;
/** ... doubled each time that it turns out to have been too early, up to this. */
const CALM_READINGS_MAX = 96;
/** So many readings in a row must be beyond the limit: a service that starts runs code that V8 has not compiled yet. */
const OVER_READINGS = 2;
/** Calls that must have been timed: fewer stand for too little, and one of them that was slow for too much. */
const SAMPLES_MIN = 30;
/** Given back and taken away again within so many readings, it was too early. */
const EARLY_READINGS = 12;

/** What was measured since the last reading. */
export interface Reading {
  elapsedMs: number;
  /** CPU of the whole process. */
  processMs: number;
  /** CPU of the agent's own functions and threads. */
  ownMs: number;
  /** Calls that were timed for it. */
  samples: number;
}

/** What the governor is made from. */
export interface GovernorOptions {
  /** Of the CPU of the process; 0 measures only. */
  shareMax: number;
  /** Kinds of steps that are of no use, or that a person has ruled out. */
  without: readonly ShedStep['kind'][];
  /** Called when something is taken away. */
  onShed: (step: ShedStep, share: number) => void;
}

/** Decides after each reading. */
export class Governor {
  readonly #options: GovernorOptions;
  readonly #steps: readonly ShedStep[];
  #level = 0;
  #overReadings = 0;
  #calmReadings = 0;
  #calmNeeded = CALM_READINGS;
  #sinceBack = Number.POSITIVE_INFINITY;

  constructor(options: GovernorOptions) {
    this.#options = options;
    this.#steps = SHED_STEPS.filter(({ kind }) => !options.without.includes(kind));
  }

  /** Steps that are taken at present. */
  get level(): number {
    return this.#level;
  }

  /** Looks at what the agent has cost. @returns its share of the process's CPU */
  read({ elapsedMs, processMs, ownMs, samples }: Reading): number {
    const share = processMs > 0 ? Math.min(1, ownMs / processMs) : 0;
    const { shareMax } = this.#options;
    if (shareMax === 0) return share;
    this.#sinceBack++;
    if (this.#level === 0 && this.#sinceBack > EARLY_READINGS) this.#calmNeeded = CALM_READINGS;
    const isNoticed = ownMs >= elapsedMs * CORE_SHARE_MIN;
    const isOver = share > shareMax && isNoticed && samples >= SAMPLES_MIN;
    this.#overReadings = isOver ? this.#overReadings + 1 : 0;
    if (this.#overReadings >= OVER_READINGS) this.#shed(share);
    else if (this.#level > 0) this.#giveBack(share, isNoticed);
    return share;
  }

  #shed(share: number): void {
    this.#calmReadings = 0;
    if (this.#sinceBack <= EARLY_READINGS) {
      this.#calmNeeded = Math.min(CALM_READINGS_MAX, this.#calmNeeded * 2);
    }
    this.#sinceBack = Number.POSITIVE_INFINITY;
    const step = this.#steps[this.#level];
    if (step === undefined) return;
    this.#level++;
    step.apply();
    this.#options.onShed(step, share);
  }

  #giveBack(share: number, isNoticed: boolean): void {
    const isCalm = !isNoticed || share < this.#options.shareMax * BACK_PART;
    this.#calmReadings = isCalm ? this.#calmReadings + 1 : 0;
    if (this.#calmReadings < this.#calmNeeded) return;
    this.#calmReadings = 0;
    this.#sinceBack = 0;
    this.#level--;
    this.#steps[this.#level]?.undo();
  }
}
