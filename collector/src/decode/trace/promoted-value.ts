// The value that one promoted column of a span gets, held until all attributes of the span were seen.
import type { LowCardinalityColumn } from '../columns/dictionary.js';
import type { Float32Column, UInt16Column, UInt32Column } from '../columns/numbers.js';
import { Slice } from '../columns/slice.js';
import type { StringColumn } from '../columns/strings.js';
import { type Attribute, VALUE } from '../wire/attribute.js';
import { PROMOTIONS, type PromotedKey } from './promoted.js';
import { PROMOTED_KINDS, type PromotedKind, type SpansTable } from './spans-table.js';

/** Counts that do not fit are stored as the largest that does; other numbers then go to the map. */
const counts: ReadonlySet<string> = new Set(['db_count', 'out_count']);
const numberTextMax = 20;

export class PromotedValue {
  /** Rank of the name that gave the value, 0 where there is none. */
  rank = 0;
  readonly #slot: number;
  readonly #kind: PromotedKind;
  readonly #bytesMax: number;
  readonly #max: number;
  readonly #saturates: boolean;
  readonly #slice = new Slice();
  #keyStart = 0;
  #keyEnd = 0;
  #type = VALUE.none;
  #start = 0;
  #end = 0;
  #number = 0;
  /** End of the text that is stored, where that is less than the attribute's. */
  #cut = 0;
  #converted = 0;

  constructor(slot: number, bytesMax: number) {
    this.#slot = slot;
    this.#bytesMax = bytesMax;
    this.#kind = PROMOTED_KINDS[slot] as PromotedKind;
    this.#max = this.#kind === 'uint16' ? 0xffff : 0xffff_ffff;
    this.#saturates = counts.has(PROMOTIONS[slot]?.column ?? '');
  }

  /** Takes an attribute's value if the column can hold it; false leaves everything as it was. */
  take(attribute: Attribute, promoted: PromotedKey, bytes: Buffer): boolean {
    if (this.#kind === 'dictionary' || this.#kind === 'text') {
      if (!isScalar(attribute.type)) return false;
    } else {
      const number = this.#asNumber(attribute, bytes);
      if (number === undefined) return false;
      this.#converted = number;
    }
    this.rank = promoted.rank;
    this.#keyStart = attribute.keyStart;
    this.#keyEnd = attribute.keyEnd;
    this.#type = attribute.type;
    this.#start = attribute.start;
    this.#end = attribute.end;
    this.#number = attribute.number;
    this.#cut = attribute.end;
    if (promoted.before >= 0 && attribute.type === VALUE.text) {
      const at = bytes.subarray(attribute.start, attribute.end).indexOf(promoted.before);
      if (at >= 0) this.#cut = attribute.start + at;
    }
    return true;
  }

  /** Gives back the attribute that was taken. */
  restore(into: Attribute): void {
    into.keyStart = this.#keyStart;
    into.keyEnd = this.#keyEnd;
    into.type = this.#type;
    into.start = this.#start;
    into.end = this.#end;
    into.number = this.#number;
  }

  /** Stores the value at a row and is free for the next span; true where the text was cut. */
  store(target: SpansTable, row: number, bytes: Buffer): boolean {
    this.rank = 0;
    const column = target.promoted[this.#slot];
    switch (this.#kind) {
      case 'uint16':
        (column as UInt16Column).values[row] = this.#converted;
        return false;
      case 'uint32':
        (column as UInt32Column).values[row] = this.#converted;
        return false;
      case 'float32':
        (column as Float32Column).values[row] = this.#converted;
        return false;
      default: {
        const slice = this.#text(bytes);
        const wasCut = slice.limit(this.#bytesMax);
        (column as LowCardinalityColumn | StringColumn).set(row, slice);
        return wasCut;
      }
    }
  }

  #text(bytes: Buffer): Slice {
    if (this.#type !== VALUE.text) return this.#slice.whole(Buffer.from(String(this.#number)));
    this.#slice.source = bytes;
    return this.#slice.point(this.#start, this.#cut);
  }

  /** The value as a number that the column holds; some SDKs send ports and statuses as text. */
  #asNumber(attribute: Attribute, bytes: Buffer): number | undefined {
    let number = attribute.number;
    if (attribute.type === VALUE.text) {
      const length = attribute.end - attribute.start;
      if (length === 0 || length > numberTextMax) return undefined;
      number = Number(bytes.toString('latin1', attribute.start, attribute.end));
    } else if (attribute.type !== VALUE.int && attribute.type !== VALUE.double) return undefined;
    if (this.#kind === 'float32') return Number.isFinite(number) ? number : undefined;
    if (!Number.isInteger(number) || number < 0) return undefined;
    if (number <= this.#max) return number;
    return this.#saturates ? this.#max : undefined;
  }
}

function isScalar(type: number): boolean {
  return type === VALUE.text || type === VALUE.int || type === VALUE.double;
}
