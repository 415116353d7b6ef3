// By how much V8's heap grows while a request is served, asked of as many requests as is cheap.

import { getHeapStatistics } from 'node:v8';

/** A read takes one to two microseconds; more than so many a second say nothing new about who fills a heap. */
const READ_INTERVAL_MS_MIN = 10;
const REQUESTS_PER_READ_MAX = 256;
/** Growth of less than this says nothing about who fills a heap. */
const GROWTH_BYTES_MIN = 64 * 1024;

/** Requests that are still left out before the next is asked, and how many are in the mean. */
let leftOut = 0;
let requestsPerRead = 1;
let lastReadMs = 0;

/**
 * Bytes in use as a request starts, 0 where this one is not asked. Which are asked is drawn by chance, so that no
 * route is favoured, and the busier the process the fewer: sums over routes keep their proportions.
 */
export function heapAtStartBytes(startMs: number): number {
  if (leftOut > 0) {
    leftOut--;
    return 0;
  }
  if (startMs - lastReadMs >= READ_INTERVAL_MS_MIN)
    requestsPerRead = Math.max(1, requestsPerRead / 2);
  else requestsPerRead = Math.min(REQUESTS_PER_READ_MAX, requestsPerRead * 2);
  lastReadMs = startMs;
  leftOut = Math.floor(Math.random() * (2 * requestsPerRead - 1));
  return heapUsedBytes();
}

/** What the heap has grown by since; 0 where that is less than the litter that every request leaves. */
export function heapGrowthBytes(startBytes: number): number {
  const growthBytes = heapUsedBytes() - startBytes;
  return growthBytes >= GROWTH_BYTES_MIN ? growthBytes : 0;
}

/** Exact to the object. */
function heapUsedBytes(): number {
  return getHeapStatistics().used_heap_size;
}
