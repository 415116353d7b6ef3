// The event loop, memory, garbage collector and processor of one service.
import type { Board, Field, TimeseriesPanel } from '../model/board.js';
import { millis, TRACE } from './fields.js';

type Chart = Pick<TimeseriesPanel, 'title' | 'description' | 'query' | 'unit'> & {
  fields?: Field[];
  stacked?: boolean;
  max?: number;
};

/** The runtime is sampled every ten seconds, so no step is shorter. */
function chart(x: number, y: number, of: Chart): TimeseriesPanel {
  return { kind: 'timeseries', interval: '10s', at: { x, y, w: 8, h: 8 }, ...of };
}

/** A colour for each space that fills in most programs, so that it stays with it from one look to the next. */
const SPACES: Field[] = [
  { name: 'new', color: 'blue' },
  { name: 'old', color: 'purple' },
  { name: 'large_object', color: 'orange' },
  { name: 'code', color: 'green' },
];

const COLLECTIONS: Field[] = [
  { name: 'minor', color: 'blue' },
  { name: 'major', color: 'orange' },
  { name: 'incremental', color: 'purple' },
  { name: 'weakcb', color: 'gray' },
];

export const RUNTIME: Board = {
  uid: 'venturi-runtime',
  title: 'Runtime',
  description: 'What Node.js itself does: event loop, heap, garbage collection, processor.',
  variables: [{ kind: 'query', name: 'service', label: 'Service', query: 'services.names' }],
  panels: [
    {
      kind: 'stat',
      title: 'Highest in this time',
      description: 'The highest value of any process in the range.',
      at: { x: 0, y: 0, w: 24, h: 3 },
      query: 'runtime.summary',
      text: 'value_and_name',
      unit: 'ms',
      noValue: 'No runtime metrics in this time',
      fields: [
        { name: 'Loop utilization', unit: 'percentunit' },
        { name: 'Heap used', unit: 'bytes' },
        { name: 'Heap limit', unit: 'bytes' },
        { name: 'Resident', unit: 'bytes' },
        { name: 'Processes', unit: 'short', decimals: 0 },
      ],
    },
    {
      kind: 'table',
      title: 'What blocked the event loop',
      description: 'Functions that kept the loop busy so long that others waited, the worst first.',
      at: { x: 0, y: 3, w: 24, h: 7 },
      query: 'runtime.stalls',
      noValue: 'Nothing blocked the event loop in this time',
      fields: [
        { name: 'Function' },
        { name: 'Kind', width: 70, mappings: [{ match: { value: 'gc' }, color: 'yellow' }] },
        { name: 'Route', width: 200 },
        { name: 'Stalls', unit: 'short', width: 80 },
        millis('Blocked', 'red'),
        millis('Longest'),
        { ...millis('Others waited', 'orange'), width: 92 },
        { name: 'Last seen', unit: 'dateTimeAsIso', width: 112 },
        TRACE,
      ],
    },
    chart(0, 10, {
      title: 'Event loop delay',
      description: 'How late timers ran, of the process with the highest.',
      query: 'runtime.loopDelay',
      unit: 'ms',
      fields: [
        { name: 'p50', color: 'green' },
        { name: 'p90', color: 'blue' },
        { name: 'p99', color: 'orange' },
        { name: 'max', color: 'red' },
      ],
    }),
    chart(8, 10, {
      title: 'Event loop utilization',
      description: 'Part of the time in which the loop was not idle.',
      query: 'runtime.loopUtilization',
      unit: 'percentunit',
      max: 1,
      fields: [
        { name: 'mean', color: 'blue' },
        { name: 'highest', color: 'orange' },
      ],
    }),
    chart(16, 10, {
      title: 'Processor',
      description: 'Cores in use, of the process with the highest; 100 % is one core.',
      query: 'runtime.cpu',
      unit: 'percentunit',
      stacked: true,
      fields: [
        { name: 'user', color: 'blue' },
        { name: 'system', color: 'purple' },
      ],
    }),
    chart(0, 18, {
      title: 'Heap',
      description: 'Used and committed, of the process with the highest.',
      query: 'runtime.heap',
      unit: 'bytes',
      fields: [
        { name: 'used', color: 'blue' },
        { name: 'total', color: 'purple' },
      ],
    }),
    chart(8, 18, {
      title: 'Heap by space',
      description: 'Where in V8’s heap the objects are.',
      query: 'runtime.heapSpaces',
      unit: 'bytes',
      stacked: true,
      fields: SPACES,
    }),
    chart(16, 18, {
      title: 'Memory',
      description: 'Resident set, and what buffers hold outside the heap.',
      query: 'runtime.memory',
      unit: 'bytes',
      fields: [
        { name: 'resident', color: 'blue' },
        { name: 'external', color: 'orange' },
      ],
    }),
    {
      ...chart(0, 26, {
        title: 'Garbage collections',
        description: 'Collections a second, by kind.',
        query: 'runtime.gcCount',
        unit: 'ops',
        fields: COLLECTIONS,
      }),
      at: { x: 0, y: 26, w: 12, h: 8 },
    },
    {
      ...chart(12, 26, {
        title: 'Garbage collection pauses',
        description: 'Milliseconds of every second that collections took, by kind.',
        query: 'runtime.gcPause',
        unit: 'ms',
        fields: COLLECTIONS,
      }),
      at: { x: 12, y: 26, w: 12, h: 8 },
    },
  ],
};
