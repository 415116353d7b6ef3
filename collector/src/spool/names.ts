// The names of spool files. A sealed file's name is its deduplication token, so it must never come twice.
import { randomBytes } from 'node:crypto';

/** A file as it was written with its block: it has never been sent. */
export interface FreshName {
  kind: 'fresh';
  epoch: string;
  seq: number;
}

/** A file that may have been sent: nothing is ever added to it or taken from it again. */
export interface SealedName {
  kind: 'sealed';
  epoch: string;
  /** Sequence numbers of the first and last fresh file in it, of the same table. */
  firstSeq: number;
  lastSeq: number;
  rows: number;
  crc32: number;
}

export type SpoolName = FreshName | SealedName;

const extension = '.native';
const epochPattern = '[0-9a-z]{8,12}-[0-9a-f]{12}';
const freshPattern = new RegExp(`^(${epochPattern})\\.(\\d{8,12})\\.native$`);
const sealedPattern = new RegExp(
  `^(${epochPattern})\\.(\\d{8,12})-(\\d{8,12})\\.(\\d{1,9})\\.([0-9a-f]{8})\\.native$`,
);

/** An epoch is one life of a collector: random, so that no two ever meet, and sorted by its start. */
export function newEpoch(nowMs: number): string {
  return `${nowMs.toString(36).padStart(9, '0')}-${randomBytes(6).toString('hex')}`;
}

export function fileName(name: SpoolName): string {
  return `${token(name)}${extension}`;
}

/** The name without its extension: `insert_deduplication_token` of a sealed file. */
export function token(name: SpoolName): string {
  if (name.kind === 'fresh') return `${name.epoch}.${digits(name.seq)}`;
  const range = `${digits(name.firstSeq)}-${digits(name.lastSeq)}`;
  return `${name.epoch}.${range}.${name.rows}.${name.crc32.toString(16).padStart(8, '0')}`;
}

/** Undefined for a file that is none of ours. */
export function parseName(file: string): SpoolName | undefined {
  const fresh = freshPattern.exec(file);
  if (fresh) return { kind: 'fresh', epoch: fresh[1] ?? '', seq: Number(fresh[2]) };
  const sealed = sealedPattern.exec(file);
  if (!sealed) return undefined;
  return {
    kind: 'sealed',
    epoch: sealed[1] ?? '',
    firstSeq: Number(sealed[2]),
    lastSeq: Number(sealed[3]),
    rows: Number(sealed[4]),
    crc32: Number.parseInt(sealed[5] ?? '', 16),
  };
}

/** Whether a sealed file holds the rows of a fresh one. */
export function covers(sealed: SealedName, fresh: FreshName): boolean {
  return (
    sealed.epoch === fresh.epoch && sealed.firstSeq <= fresh.seq && fresh.seq <= sealed.lastSeq
  );
}

function digits(seq: number): string {
  return String(seq).padStart(8, '0');
}
