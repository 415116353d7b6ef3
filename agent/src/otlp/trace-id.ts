// A trace id as numbers, which is how it is drawn and how it is sent; its hex digits are made where somebody asks.

const WORD_DIGITS = 8;

/** Where digits are made from. */
const bytes = Buffer.alloc(16);

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
      // A seventh of what four numbers take that are turned to text each.
      bytes.writeInt32BE(this.first, 0);
      bytes.writeInt32BE(this.second, 4);
      bytes.writeInt32BE(this.third, 8);
      bytes.writeInt32BE(this.fourth, 12);
      this.digits = bytes.toString('hex');
    }
    return this.digits;
  }

  get isZero(): boolean {
    return (this.first | this.second | this.third | this.fourth) === 0;
  }
}
