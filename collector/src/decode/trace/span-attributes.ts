// Puts a span's attributes where they belong: into their own column, or by type into one of the maps.
import { Slice } from '../columns/slice.js';
import type { DecodeContext } from '../limits.js';
import { Attribute, readKeyValue, TextForm, VALUE } from '../wire/attribute.js';
import type { Ranges } from '../wire/ranges.js';
import type { Reader } from '../wire/reader.js';
import { findPromoted, PROMOTIONS } from './promoted.js';
import { PromotedValue } from './promoted-value.js';
import type { SpansTable } from './spans-table.js';

/** Columns whose values may be long: the evidence that a person reads in full. */
const longColumns: ReadonlySet<string> = new Set(['db_query', 'code_stack', 'url_full']);

export class SpanAttributes {
  readonly #reader: Reader;
  readonly #context: DecodeContext;
  readonly #attribute = new Attribute();
  readonly #evicted = new Attribute();
  readonly #key = new Slice();
  readonly #text = new TextForm();
  /** What each column of PROMOTIONS gets, and which of them get something. */
  readonly #values: readonly PromotedValue[];
  readonly #taken: number[] = [];
  #mapped = 0;

  constructor(reader: Reader, context: DecodeContext) {
    this.#reader = reader;
    this.#context = context;
    const { longValueBytesMax, valueBytesMax } = context.limits;
    this.#values = PROMOTIONS.map(
      ({ column }, slot) =>
        new PromotedValue(slot, longColumns.has(column) ? longValueBytesMax : valueBytesMax),
    );
  }

  /** Writes the attributes (KeyValue ranges) of the span at `row`; `kind` is its wire number. */
  write(target: SpansTable, row: number, span: { attributes: Ranges; kind: number }): void {
    this.#mapped = 0;
    for (let index = 0; index < span.attributes.count; index += 1) {
      this.#reader.pos = span.attributes.start(index);
      readKeyValue(this.#reader, span.attributes.end(index), this.#attribute);
      this.#place(target, row, span.kind);
    }
    for (const slot of this.#taken) {
      const value = this.#values[slot] as PromotedValue;
      if (value.store(target, row, this.#reader.bytes))
        this.#context.counters.add('valuesTruncated');
    }
    this.#taken.length = 0;
    const over = this.#mapped - this.#context.limits.attributesMax;
    if (over > 0) this.#context.counters.add('attributesDropped', over);
  }

  /** Forgets a span that turned out to be malformed half way. */
  reset(): void {
    for (const slot of this.#taken) (this.#values[slot] as PromotedValue).rank = 0;
    this.#taken.length = 0;
  }

  #place(target: SpansTable, row: number, kind: number): void {
    const attribute = this.#attribute;
    const key = this.#key;
    key.source = this.#reader.bytes;
    key.point(attribute.keyStart, attribute.keyEnd);
    const promoted = findPromoted(key, key.hash());
    if (!promoted || (promoted.kinds && !promoted.kinds.includes(kind))) {
      this.#map(target, row, attribute);
      return;
    }
    const value = this.#values[promoted.slot] as PromotedValue;
    const free = value.rank === 0;
    if (!free && value.rank <= promoted.rank) {
      this.#map(target, row, attribute);
      return;
    }
    // An older name that a stable one displaces goes to the map, so that nothing is lost.
    if (!free) value.restore(this.#evicted);
    if (!value.take(attribute, promoted, this.#reader.bytes)) {
      this.#map(target, row, attribute);
    } else if (free) this.#taken.push(promoted.slot);
    else this.#map(target, row, this.#evicted);
  }

  #map(target: SpansTable, row: number, attribute: Attribute): void {
    this.#mapped += 1;
    const { limits, counters } = this.#context;
    const key = this.#key;
    key.point(attribute.keyStart, attribute.keyEnd).limit(limits.valueBytesMax);
    const { attrs, attrs_num, attrs_bool } = target.columns;
    const over = this.#mapped > limits.attributesMax;
    if (attribute.type === VALUE.int || attribute.type === VALUE.double) {
      if (over) return;
      const place = attrs_num.add(row);
      attrs_num.elements[0].set(place, key);
      attrs_num.elements[1].values[place] = attribute.number;
    } else if (attribute.type === VALUE.bool) {
      if (over) return;
      const place = attrs_bool.add(row);
      attrs_bool.elements[0].set(place, key);
      attrs_bool.elements[1].values[place] = attribute.number;
    } else {
      const text = this.#text.of(this.#reader, attribute);
      if (over) return;
      if (text.limit(limits.valueBytesMax)) counters.add('valuesTruncated');
      const place = attrs.add(row);
      attrs.elements[0].set(place, key);
      attrs.elements[1].set(place, text);
    }
  }
}
