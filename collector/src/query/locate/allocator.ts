// Which route fills the heap of a process that collects garbage all the time.
import { type Route, sum } from './claim.js';
import type { StallRow } from './loop.js';
import { RULES } from './rules.js';

export interface Allocator {
  route: Route;
  /** What a finding says of it, empty where it is only the route that paid most. */
  why: string;
}

/** By how much the heap grew while requests of a route ran, in sum and whoever made it grow. */
interface GrowthRow {
  service: string;
  route: string;
  heapGrowthBytes: number;
}

interface Evidence {
  /** Long pauses of the garbage collector. */
  pauses: StallRow[];
  growth: GrowthRow[];
}

/** The best evidence first: caught at it, seen growing, else hit by it. Undefined for no routes. */
export function allocatorAmong(
  routes: Route[],
  { pauses, growth }: Evidence,
): Allocator | undefined {
  const caught = caughtAllocating(routes, pauses);
  if (caught) {
    return { route: caught, why: '; its long pauses came while this route was allocating' };
  }
  const filling = fillingHeap(routes, growth);
  if (filling) return { route: filling, why: '; the heap grows while this route runs' };
  const [most] = [...routes].sort((a, b) => b.gcMs - a.gcMs);
  return most && { route: most, why: '' };
}

/** A pause or two may catch anybody at work. */
function caughtAllocating(routes: Route[], pauses: StallRow[]): Route | undefined {
  const caught = (route: Route) =>
    sum(
      pauses.filter((row) => row.route === route.route),
      (row) => row.stalls,
    );
  const most = [...routes].sort((a, b) => caught(b) - caught(a))[0];
  return most !== undefined && caught(most) >= RULES.stallsMin ? most : undefined;
}

/**
 * The route whose requests make the heap grow faster than it grows on average while requests run: those that only wait
 * meanwhile see the same growth for longer. It must account for most of what is above that average.
 */
function fillingHeap(routes: Route[], growth: GrowthRow[]): Route | undefined {
  const grown = routes.map((route) => ({
    route,
    bytes: growth.find((row) => isOf(row, route))?.heapGrowthBytes ?? 0,
  }));
  const bytesPerMs = sum(grown, ({ bytes }) => bytes) / sum(routes, (route) => route.ms);
  const above = grown
    .map(({ route, bytes }) => ({ route, bytes: bytes - bytesPerMs * route.ms }))
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes);
  const [first] = above;
  const total = sum(above, ({ bytes }) => bytes);
  return first !== undefined && first.bytes >= RULES.heapGrowthShareMin * total
    ? first.route
    : undefined;
}

function isOf(row: GrowthRow, { service, route }: Route): boolean {
  return row.service === service && row.route === route;
}
