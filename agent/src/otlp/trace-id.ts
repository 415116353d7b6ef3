// A trace id as numbers, which is how it is drawn and how it is sent; its hex digits are made where somebody asks.

import { writeHex32 } from './hex.js';

const WORD_DIGITS = 8;
const scratch = Buffer.alloc(4 * WORD_DIGITS);

/** 16 bytes, shared by all spans of a request in this process. */
export class TraceId {
  /** Big-endian 32-bit words as signed integers, which V8 keeps without an allocation. */
  readonly first: number;
  readonly second: number;
  readonly third: number;
  readonly fourth: number;
  private digits: string;

  /** @param words four of them from index `at` */
  constructor(words: Int32Array, at: number) {
    this.first = words[at] as number;
    this.second = words[at + 1] as number;
    this.third = words[at + 2] as number;
    this.fourth = words[at + 3] as number;
    this.digits = '';
  }

  /** Reads 32 lower-case hex digits. */
  static parse(hex: string): TraceId {
    const words = new Int32Array(4);
    for (let i = 0; i < words.length; i++) {
      words[i] = Number.parseInt(hex.slice(i * WORD_DIGITS, (i + 1) * WORD_DIGITS), 16) | 0;
    }
    const id = new TraceId(words, 0);
    id.digits = hex;
    return id;
  }

  /** 32 lower-case hex digits. */
  get hex(): string {
    if (this.digits === '') {
      this.writeHex(scratch, 0);
      this.digits = scratch.toString('latin1');
    }
    return this.digits;
  }

  /** The 32 digits, as bytes from `at` on. */
  writeHex(out: Uint8Array, at: number): void {
    writeHex32(out, at, this.first);
    writeHex32(out, at + WORD_DIGITS, this.second);
    writeHex32(out, at + 2 * WORD_DIGITS, this.third);
    writeHex32(out, at + 3 * WORD_DIGITS, this.fourth);
  }

  get isZero(): boolean {
    return (this.first | this.second | this.third | this.fourth) === 0;
  }
}
