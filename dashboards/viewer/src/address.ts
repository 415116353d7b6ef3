// The page's state in its address, in Grafana's form, so that a link means the same in both.
import type { TimeRange } from '../../src/model/time-range.js';

export interface PageState {
  uid: string;
  range: TimeRange;
  /** Milliseconds between two looks at the data; 0 for never. */
  refreshMs: number;
  variables: Record<string, string>;
}

const HOME = 'venturi-bottlenecks';
const DEFAULT_RANGE: TimeRange = { from: 'now-15m', to: 'now' };
const DEFAULT_REFRESH_MS = 1000;

/** Reads the state from an address; what is missing has its default. */
export function readAddress(url: URL): PageState {
  const query = url.searchParams;
  const variables = [...query].flatMap(([name, value]) =>
    name.startsWith('var-') && name !== 'var-datasource' ? [[name.slice(4), value]] : [],
  );
  const refresh = /^(\d{1,4})s$/.exec(query.get('refresh') ?? '');
  return {
    uid: /^\/d\/([\w-]{1,64})/.exec(url.pathname)?.[1] ?? HOME,
    range: {
      from: query.get('from') ?? DEFAULT_RANGE.from,
      to: query.get('to') ?? DEFAULT_RANGE.to,
    },
    refreshMs: query.get('refresh') === 'off' ? 0 : Number(refresh?.[1] ?? 1) * 1000,
    variables: Object.fromEntries(variables),
  };
}

/** The address of a state, without what is at its default. */
export function writeAddress(state: PageState): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(state.variables)) {
    if (value !== '') query.set(`var-${name}`, value);
  }
  if (state.range.from !== DEFAULT_RANGE.from || state.range.to !== DEFAULT_RANGE.to) {
    query.set('from', state.range.from);
    query.set('to', state.range.to);
  }
  if (state.refreshMs !== DEFAULT_REFRESH_MS) {
    query.set('refresh', state.refreshMs === 0 ? 'off' : `${state.refreshMs / 1000}s`);
  }
  const text = query.toString();
  return `/d/${state.uid}${text === '' ? '' : `?${text}`}`;
}
