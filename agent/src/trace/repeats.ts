// How often a request ran the same statement, and how often with the same values.

import type { AttributeValue } from '../otlp/attribute.js';
import { ATTR } from '../otlp/names.js';
import { roundMs } from '../otlp/round-ms.js';
import { RecentNumbers } from './recent-numbers.js';

/** Statements that are told apart in one request; of further ones nothing is known. */
const STATEMENTS_MAX = 32;
/** The latest reads with which one is compared: a scan of these costs less than a set would. */
const READS_MAX = 32;
/** From here on executions of one statement are a repetition: the collector's rule for N+1 begins there too. */
const REPEATS_MIN = 5;

/** Where repetitions of a statement were seen to come from. */
export interface RepeatSite {
  functionName: string;
  file: string;
  line: number;
  /** Stacks that were looked at, and those among them that had this line. */
  samples: number;
  agreed: number;
}

/** One statement of a request. As in spans, fields are set in the constructors and none is a private name. */
export class Repeat {
  declare readonly fingerprint: string;
  declare count: number;
  declare ms: number;
  /** The count at which the stack is looked at next. */
  declare sampleAt: number;
  declare site: RepeatSite | undefined;
  /** Executions that had been run before with the same text and values, and nothing was written in between. */
  declare duplicates: number;
  declare duplicatesMs: number;
  declare readonly former: Repeat | undefined;

  constructor(fingerprint: string, former: Repeat | undefined) {
    this.fingerprint = fingerprint;
    this.former = former;
    this.count = 0;
    this.ms = 0;
    this.sampleAt = REPEATS_MIN;
    this.site = undefined;
    this.duplicates = 0;
    this.duplicatesMs = 0;
  }
}

/** All that one request ran. */
export class Repeats {
  /** Of the statement that came last; the others hang on it. */
  declare private last: Repeat | undefined;
  declare private statements: number;
  declare private latest: Repeat | undefined;
  /** Since the last write; undefined before the first. */
  declare private reads: RecentNumbers | undefined;

  constructor() {
    this.last = undefined;
    this.statements = 0;
    this.latest = undefined;
    this.reads = undefined;
  }

  /** Counts an execution; undefined where there are too many statements to tell them apart. */
  count(fingerprint: string): Repeat | undefined {
    let repeat = this.latest;
    if (repeat === undefined || repeat.fingerprint !== fingerprint) {
      repeat = this.find(fingerprint);
      if (repeat === undefined) return undefined;
      this.latest = repeat;
    }
    repeat.count++;
    return repeat;
  }

  /**
   * Whether the same was among the latest reads, and nothing was written since.
   * @param execution of a statement with its values, as a number; nothing else is kept of them
   */
  isDuplicate(execution: number): boolean {
    if (this.reads === undefined) this.reads = new RecentNumbers(READS_MAX);
    else if (this.reads.has(execution)) return true;
    this.reads.add(execution);
    return false;
  }

  /** After it what was read before may be read again with reason. */
  wrote(): void {
    this.reads = undefined;
  }

  /** What the entry span says of it, as `[name, value, ...]`: of the repetition, and the duplicates, that took longest. */
  attributes(): AttributeValue[] {
    let worst: Repeat | undefined;
    let duplicated: Repeat | undefined;
    let duplicates = 0;
    let duplicatesMs = 0;
    for (let repeat = this.last; repeat !== undefined; repeat = repeat.former) {
      if (repeat.count >= REPEATS_MIN && (worst === undefined || repeat.ms > worst.ms)) {
        worst = repeat;
      }
      if (repeat.duplicates === 0) continue;
      duplicates += repeat.duplicates;
      duplicatesMs += repeat.duplicatesMs;
      if (duplicated === undefined || repeat.duplicatesMs > duplicated.duplicatesMs) {
        duplicated = repeat;
      }
    }
    const flat: AttributeValue[] = worst === undefined ? [] : repetition(worst);
    if (duplicated === undefined) return flat;
    flat.push(ATTR.duplicateCount, duplicates, ATTR.duplicateMs, roundMs(duplicatesMs));
    flat.push(ATTR.duplicateFingerprint, duplicated.fingerprint);
    return flat;
  }

  private find(fingerprint: string): Repeat | undefined {
    for (let repeat = this.last; repeat !== undefined; repeat = repeat.former) {
      if (repeat.fingerprint === fingerprint) return repeat;
    }
    if (this.statements >= STATEMENTS_MAX) return undefined;
    this.statements++;
    this.last = new Repeat(fingerprint, this.last);
    return this.last;
  }
}

function repetition({ fingerprint, count, ms, site }: Repeat): AttributeValue[] {
  const flat: AttributeValue[] = [ATTR.repeatCount, count, ATTR.repeatMs, roundMs(ms)];
  flat.push(ATTR.repeatFingerprint, fingerprint);
  if (site === undefined) return flat;
  flat.push(ATTR.repeatFile, site.file, ATTR.repeatLine, site.line);
  if (site.functionName !== '') flat.push(ATTR.repeatFunction, site.functionName);
  // One stack alone says where one execution came from, and nothing about the others.
  if (site.samples > 1) flat.push(ATTR.repeatConfidence, site.agreed / site.samples);
  return flat;
}
