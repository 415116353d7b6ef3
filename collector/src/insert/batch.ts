// Chooses what is inserted next of one table: a file that was tried before, or neighbours that never were.
import type { Attempts } from './attempts.js';
import type { InsertableFile } from './source.js';

export interface Pace {
  insertRows: number;
  intervalMs: number;
  /** Somebody waits for all files up to this order, so that they are due whatever their age. */
  orderWanted: number;
  now: number;
}

/** With this many failed files nothing new is sealed: it would fail too, and could not grow then. */
export const waitingMax = 3;
/** Bounds of one insert beside its rows. */
const batchFilesMax = 1000;
const batchBytesMax = 64 * 1024 * 1024;

/** Files to seal and send as one, oldest first; none where nothing is due. */
export function pickBatch<File extends InsertableFile>(
  files: readonly File[],
  attempts: Attempts<File>,
  pace: Pace,
): File[] {
  if (attempts.heldUntil > pace.now) return [];
  for (const file of files) {
    if (file.name.kind === 'sealed' && (attempts.waitsUntil(file) ?? 0) <= pace.now) return [file];
  }
  if (attempts.waiting >= waitingMax) return [];
  const fresh = files.filter((file) => file.name.kind === 'fresh');
  const [oldest] = fresh;
  if (!oldest || !isDue(fresh, oldest, pace)) return [];
  return neighbours(fresh, oldest, pace.insertRows);
}

function isDue<File extends InsertableFile>(
  fresh: readonly File[],
  oldest: File,
  pace: Pace,
): boolean {
  if (oldest.order <= pace.orderWanted) return true;
  if (pace.now - oldest.spooledAt >= pace.intervalMs) return true;
  let rows = 0;
  for (const file of fresh) {
    rows += file.rows;
    if (rows >= pace.insertRows) return true;
  }
  return false;
}

function neighbours<File extends InsertableFile>(
  fresh: readonly File[],
  oldest: File,
  rowsMax: number,
): File[] {
  const batch: File[] = [];
  let rows = 0;
  let bytes = 0;
  for (const file of fresh) {
    rows += file.rows;
    bytes += file.bytes;
    const over = rows > rowsMax || bytes > batchBytesMax || batch.length >= batchFilesMax;
    if (file.name.epoch !== oldest.name.epoch || (over && batch.length > 0)) break;
    batch.push(file);
  }
  return batch;
}
