// The LowCardinality(String) column: each block brings its own dictionary and an index a row.
import type { Column } from './column.js';
import { putVarint, type Sink } from './sink.js';
import type { Slice } from './slice.js';

/** ClickHouse's SerializationLowCardinality: keys that come with the block. */
const hasAdditionalKeys = 0x200;
const sharedDictionariesVersion = 1;

/** Distinct strings, numbered from 0, which is the empty string; open addressing, linear probing. */
class Dictionary {
  #slots = new Int32Array(64);
  #hashes = new Uint32Array(32);
  #ends = new Int32Array(32);
  #starts = new Int32Array(32);
  #data: Buffer = Buffer.alloc(1024);
  #pos = 0;
  #size = 0;

  constructor() {
    this.clear();
  }

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#pos;
  }

  clear(): void {
    this.#slots.fill(0);
    this.#size = 1;
    this.#starts[0] = 1;
    this.#ends[0] = 1;
    this.#data[0] = 0;
    this.#pos = 1;
  }

  /** The number of a string in this block; `hash` is its `hash()`. */
  intern(slice: Slice, hash: number): number {
    if (slice.start === slice.end) return 0;
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const id = this.#slots[slot] as number;
      if (id === 0) return this.#insert(slice, hash, slot);
      if (this.#hashes[id] === hash && this.#equals(id, slice)) return id;
      slot = (slot + 1) & mask;
    }
  }

  /** The keys as Native writes a String column. */
  keys(): Buffer {
    return this.#data.subarray(0, this.#pos);
  }

  #equals(id: number, slice: Slice): boolean {
    const { source, start, end } = slice;
    const from = this.#starts[id] as number;
    if ((this.#ends[id] as number) - from !== end - start) return false;
    const data = this.#data;
    for (let index = start, at = from; index < end; index += 1, at += 1) {
      if (data[at] !== source[index]) return false;
    }
    return true;
  }

  #insert(slice: Slice, hash: number, slot: number): number {
    const { source, start, end } = slice;
    const id = this.#size;
    if (id === this.#hashes.length) this.#growEntries();
    const need = this.#pos + end - start + 5;
    if (need > this.#data.length) {
      const grown = Buffer.alloc(Math.max(need, this.#data.length * 2));
      this.#data.copy(grown, 0, 0, this.#pos);
      this.#data = grown;
    }
    const from = putVarint(this.#data, this.#pos, end - start);
    source.copy(this.#data, from, start, end);
    this.#pos = from + end - start;
    this.#starts[id] = from;
    this.#ends[id] = this.#pos;
    this.#hashes[id] = hash;
    this.#slots[slot] = id;
    this.#size += 1;
    if (this.#size * 2 > this.#slots.length) this.#growSlots();
    return id;
  }

  #growEntries(): void {
    const length = this.#hashes.length * 2;
    const hashes = new Uint32Array(length);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    const starts = new Int32Array(length);
    starts.set(this.#starts);
    this.#starts = starts;
    const ends = new Int32Array(length);
    ends.set(this.#ends);
    this.#ends = ends;
  }

  #growSlots(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let id = 1; id < this.#size; id += 1) {
      let slot = (this.#hashes[id] as number) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id;
    }
    this.#slots = slots;
  }
}

/**
 * Native layout: prefix UInt64 1; then UInt64 index type (0, 1, 2 for 8, 16, 32 bits) with the flag
 * of additional keys, UInt64 count and String data of the keys, UInt64 rows, the indexes.
 * No rows, no data at all.
 */
export class LowCardinalityColumn implements Column {
  readonly dictionary = new Dictionary();
  /** The dictionary number of each row. */
  indexes = new Uint32Array(0);

  /** Stores a slice at a row. */
  set(row: number, slice: Slice): void {
    this.indexes[row] = this.dictionary.intern(slice, slice.hash());
  }

  /** The number of a string in this block, to be stored at many rows. */
  intern(slice: Slice): number {
    return this.dictionary.intern(slice, slice.hash());
  }

  reserve(rows: number): void {
    if (rows <= this.indexes.length) return;
    const grown = new Uint32Array(rows);
    grown.set(this.indexes);
    this.indexes = grown;
  }

  mark(): void {}

  /** Strings that only forgotten rows used stay in the dictionary; the block is short-lived. */
  rollback(fromRow: number, toRow: number): void {
    this.indexes.fill(0, fromRow, toRow);
  }

  reset(rows: number): void {
    this.indexes.fill(0, 0, rows);
    this.dictionary.clear();
  }

  bytes(rows: number): number {
    return rows * (this.dictionary.size > 256 ? 2 : 1) + this.dictionary.bytes;
  }

  writePrefix(sink: Sink): void {
    sink.addUint64(sharedDictionariesVersion);
  }

  writeData(sink: Sink, rows: number): void {
    if (rows === 0) return;
    const size = this.dictionary.size;
    const width = size <= 256 ? 0 : size <= 65_536 ? 1 : 2;
    sink.addUint64(hasAdditionalKeys | width);
    sink.addUint64(size);
    sink.add(this.dictionary.keys());
    sink.addUint64(rows);
    const indexes = this.indexes.subarray(0, rows);
    if (width === 0) sink.addView(Uint8Array.from(indexes));
    else if (width === 1) sink.addView(Uint16Array.from(indexes));
    else sink.addView(indexes);
  }
}
