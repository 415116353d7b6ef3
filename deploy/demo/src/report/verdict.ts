// Asks the collector for its verdict on a window of time, over its public API.
import type { Verdict } from '@venturi/collector/schema';

const TIMEOUT_MS = 60_000;

/** Bottlenecks located between two times in milliseconds since the epoch, after everything sent has arrived. */
export async function fetchVerdict(
  collectorUrl: string,
  { from, to }: { from: number; to: number },
): Promise<Verdict> {
  const url = new URL('/api/v1/bottlenecks', collectorUrl);
  url.search = new URLSearchParams({ from: String(from), to: String(to), flush: '1' }).toString();
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) {
    throw new Error(`The collector answered ${response.status}: ${await response.text()}`);
  }
  // The API also tells which queries it ran; a verdict is what it found.
  const { from: since, to: until, requests, bottlenecks } = (await response.json()) as Verdict;
  return { from: since, to: until, requests, bottlenecks };
}
