// Fills a Map(LowCardinality(String), String): every attribute as text, within the limits.
import type { LowCardinalityColumn } from './columns/dictionary.js';
import type { RepeatedColumn } from './columns/repeated.js';
import { Slice } from './columns/slice.js';
import type { StringColumn } from './columns/strings.js';
import type { DecodeContext } from './limits.js';
import { Attribute, readKeyValue, TextForm } from './wire/attribute.js';
import type { Ranges } from './wire/ranges.js';
import type { Reader } from './wire/reader.js';

export type TextMapColumn = RepeatedColumn<readonly [LowCardinalityColumn, StringColumn]>;

export class TextMapWriter {
  readonly #reader: Reader;
  readonly #context: DecodeContext;
  readonly #valueBytesMax: number;
  readonly #attribute = new Attribute();
  readonly #key = new Slice();
  readonly #text = new TextForm();

  constructor(reader: Reader, context: DecodeContext, valueBytesMax: number) {
    this.#reader = reader;
    this.#context = context;
    this.#valueBytesMax = valueBytesMax;
  }

  /** Writes the attributes (KeyValue ranges) of one row. */
  write(column: TextMapColumn, row: number, attributes: Ranges): void {
    const { limits, counters } = this.#context;
    const count = Math.min(attributes.count, limits.attributesMax);
    if (count < attributes.count) counters.add('attributesDropped', attributes.count - count);
    for (let index = 0; index < attributes.count; index += 1) {
      this.#reader.pos = attributes.start(index);
      // What is over the limit is read as well, so that a malformed request never depends on it.
      readKeyValue(this.#reader, attributes.end(index), this.#attribute);
      if (index < count) this.#put(column, row);
    }
  }

  #put(column: TextMapColumn, row: number): void {
    const [keys, values] = column.elements;
    const place = column.add(row);
    this.#key.source = this.#reader.bytes;
    this.#key.point(this.#attribute.keyStart, this.#attribute.keyEnd);
    this.#key.limit(this.#context.limits.valueBytesMax);
    keys.set(place, this.#key);
    const text = this.#text.of(this.#reader, this.#attribute);
    if (text.limit(this.#valueBytesMax)) this.#context.counters.add('valuesTruncated');
    values.set(place, text);
  }
}
