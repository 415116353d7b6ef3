// Writes numbers as lower-case hex digits into bytes: V8 makes a string of each number slowly, and of bytes at once.

const DIGITS = Buffer.from('0123456789abcdef');

/** The lower 8 bits as two digits from `at` on. */
export function writeHex8(out: Uint8Array, at: number, value: number): void {
  out[at] = DIGITS[(value >>> 4) & 0xf] as number;
  out[at + 1] = DIGITS[value & 0xf] as number;
}

/** The lower 16 bits as four digits from `at` on. */
export function writeHex16(out: Uint8Array, at: number, value: number): void {
  writeHex8(out, at, value >>> 8);
  writeHex8(out, at + 2, value);
}

/** 32 bits as eight digits from `at` on. */
export function writeHex32(out: Uint8Array, at: number, value: number): void {
  writeHex16(out, at, value >>> 16);
  writeHex16(out, at + 4, value);
}
