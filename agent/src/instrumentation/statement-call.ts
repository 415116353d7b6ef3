// The call that an application makes for a statement: its line, and how it counts for the request.

import { activeContext } from '../context/store.js';
import { shed } from '../self/shed.js';
import type { Repeat, RepeatSite } from '../trace/repeats.js';
import type { SeriesCall } from '../trace/series.js';
import type { ActiveContext } from '../trace/span.js';
import { type CallSite, CallSiteGate, captureCallSite } from './call-site.js';
import type { Statement } from './sql.js';
import { hashExecution, hashValues, NO_VALUES } from './value-hash.js';

/** Stacks of one request for one statement: at the 5th, 10th and 20th execution. */
const SAMPLE_AT_MAX = 20;
/** Statements whose repetitions have a known line. */
const SITES_MAX = 256;

/** One call, made where the application's line is still on the stack; the statement may run later. */
export class StatementCall implements SeriesCall {
  declare readonly site: CallSite | undefined;
  /** What the caller runs in. */
  declare readonly caller: ActiveContext | undefined;
  /** Whether it was given no callback: then nothing of the application runs within the answer. */
  declare isAwaited: boolean;
  /** Of what a pool is asked for before the statement is known, only the site is. */
  declare isCounted: boolean;
  /** Undefined outside of a request, and where a request has more statements than are told apart. */
  declare repeat: Repeat | undefined;
  declare isDuplicate: boolean;
  declare startMs: number;
  declare isRead: boolean;
  declare inputs: number;
  declare takesNothing: boolean;
  declare lane: object | undefined;

  constructor(site: CallSite | undefined) {
    this.site = site;
    this.caller = activeContext();
    this.isAwaited = false;
    this.isCounted = false;
    this.repeat = undefined;
    this.isDuplicate = false;
    this.startMs = 0;
    this.isRead = false;
    this.inputs = 0;
    this.takesNothing = false;
    this.lane = undefined;
  }
}

/** What is known of the repetitions of a statement, over all requests. */
interface KnownSite {
  gate: CallSiteGate;
  site: RepeatSite | undefined;
}

const knownSites = new Map<string, KnownSite>();

/** A call with its line, where it is time to look that up. */
export function newCall(gate: CallSiteGate | undefined): StatementCall {
  return new StatementCall(gate?.opens() === true ? captureCallSite() : undefined);
}

/**
 * Counts a call for the request that it is made in.
 * @param values that go with it, of which only a number is made
 */
export function countCall(call: StatementCall, statement: Statement, values: unknown): void {
  call.isCounted = true;
  if (shed.comparisons || statement.effect === 'control') return;
  const { caller } = call;
  if (caller === undefined || caller.isSuppressed) return;
  const entry = caller.span?.entry;
  if (entry === undefined || !entry.servesRequest || entry.ended) return;
  const { repeats } = entry.paid;
  const repeat = repeats.count(statement.fingerprint);
  call.repeat = repeat;
  if (statement.effect === 'write') repeats.wrote();
  else {
    const hash = hashValues(values);
    call.isDuplicate = hash !== 0 && repeats.isDuplicate(hashExecution(statement.id, hash));
    call.inputs = hash === NO_VALUES ? 0 : hash;
  }
  if (repeat !== undefined && repeat.count === repeat.sampleAt) locate(repeat);
}

/**
 * Looks where a repetition comes from. A request that was let look once looks again, to see whether it is the same line;
 * the others are told what was found before.
 */
function locate(repeat: Repeat): void {
  const { fingerprint, count: at } = repeat;
  let known = knownSites.get(fingerprint);
  if (known === undefined) {
    if (knownSites.size >= SITES_MAX) knownSites.clear();
    known = { gate: new CallSiteGate(), site: undefined };
    knownSites.set(fingerprint, known);
  }
  const isFurther = repeat.site !== undefined;
  repeat.sampleAt = 0;
  if (isFurther || known.gate.opens()) {
    const site = captureCallSite();
    if (site === undefined) return;
    known.site = isFurther ? compared(known.site, site) : sampled(site);
    if (at < SAMPLE_AT_MAX) repeat.sampleAt = at * 2;
  }
  repeat.site = known.site;
}

function sampled(site: CallSite): RepeatSite {
  return { ...site, samples: 1, agreed: 1 };
}

function compared(known: RepeatSite | undefined, site: CallSite): RepeatSite {
  if (known === undefined) return sampled(site);
  const isSame = known.line === site.line && known.file === site.file;
  return { ...known, samples: known.samples + 1, agreed: known.agreed + (isSame ? 1 : 0) };
}
