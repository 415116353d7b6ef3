// Columns that look the same on every page.
import { CAUSES } from '@venturi/collector/schema';
import type { Color, Field, Mapping, Step } from '../model/board.js';
import { serviceLink, traceLink } from '../model/navigation.js';

export const TRACE: Field = { name: 'Trace', width: 86, link: traceLink('Trace') };
export const SERVICE: Field = { name: 'Service', link: serviceLink('Service') };
export const RATE: Field = { name: 'Rate', unit: 'reqps', width: 84 };
export const TOTAL_TIME: Field = { name: 'Total time', unit: 's', width: 84 };

/** Above 1 % of failed requests is worth a look, above 5 % is trouble. */
const ERROR_STEPS: Step[] = [
  { value: null, color: 'text' },
  { value: 0.01, color: 'orange' },
  { value: 0.05, color: 'red' },
];
export const ERRORS: Field = {
  name: 'Errors',
  unit: 'percentunit',
  width: 76,
  steps: ERROR_STEPS,
};

/** Milliseconds, in a column of one width for all of a table's times. */
export function millis(name: string, color?: Color): Field {
  return { name, unit: 'ms', width: 78, ...(color && { color }) };
}

export const PERCENTILES: Field[] = ['p50', 'p95', 'p99'].map((name) => ({
  name,
  unit: 'ms',
  width: 84,
}));

/** One colour for each part that a request's time is taken apart into, the same on every page. */
export const ANATOMY: Field[] = [
  { name: 'Database', color: 'blue' },
  { name: 'Outgoing HTTP', color: 'purple' },
  { name: 'Pool wait', color: 'orange' },
  { name: 'Loop blocked', color: 'red' },
  { name: 'Garbage collection', color: 'yellow' },
  { name: 'Other', color: 'gray' },
];

const CAUSE_LOOKS: Record<(typeof CAUSES)[number], { text: string; color: Color }> = {
  n_plus_one: { text: 'N+1 queries', color: 'blue' },
  pool_wait: { text: 'Waiting for a pool', color: 'orange' },
  loop_blocked: { text: 'Event loop blocked', color: 'red' },
  slow_statement: { text: 'Slow statement', color: 'blue' },
  slow_downstream: { text: 'Slow downstream', color: 'purple' },
  gc: { text: 'Garbage collection', color: 'yellow' },
};

/** Every cause in words. */
export const CAUSE_MAPPINGS: Mapping[] = CAUSES.map((cause) => ({
  match: { value: cause },
  ...CAUSE_LOOKS[cause],
}));

/** Span status and HTTP status, where they tell of a failure. */
export const STATUS: Field = {
  name: 'Status',
  width: 58,
  mappings: [
    { match: { value: 'unset' }, text: '–' },
    { match: { value: '0' }, text: '–' },
    { match: { value: 'error' }, color: 'red' },
    { match: { regex: '^5\\d\\d$' }, color: 'red' },
    { match: { regex: '^4\\d\\d$' }, color: 'orange' },
  ],
};
