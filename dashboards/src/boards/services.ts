// All services side by side.
import type { Board } from '../model/board.js';
import { ERRORS, PERCENTILES, RATE, SERVICE, TOTAL_TIME } from './fields.js';

export const SERVICES: Board = {
  uid: 'venturi-services',
  title: 'Services',
  description: 'Rate, errors and durations of every service, the one that takes most time first.',
  variables: [],
  panels: [
    {
      kind: 'table',
      title: 'Services',
      description:
        'Rate is over the time since the first request in the range; the runtime columns are of the highest process.',
      at: { x: 0, y: 0, w: 24, h: 9 },
      query: 'services.table',
      noValue: 'No requests in this time',
      fields: [
        SERVICE,
        RATE,
        ERRORS,
        ...PERCENTILES,
        {
          name: 'Loop utilization',
          unit: 'percentunit',
          width: 150,
          gauge: true,
          steps: [
            { value: null, color: 'green' },
            { value: 0.7, color: 'orange' },
            { value: 0.9, color: 'red' },
          ],
        },
        { name: 'Heap', unit: 'bytes', width: 96 },
        { name: 'Requests', unit: 'short', width: 96 },
        TOTAL_TIME,
      ],
    },
    {
      kind: 'timeseries',
      title: 'Requests',
      description: 'Requests a second, by service.',
      at: { x: 0, y: 9, w: 12, h: 9 },
      query: 'services.rate',
      interval: '10s',
      unit: 'reqps',
    },
    {
      kind: 'timeseries',
      title: 'Duration, 95th percentile',
      description: 'Nineteen of twenty requests were faster, by service.',
      at: { x: 12, y: 9, w: 12, h: 9 },
      query: 'services.p95',
      interval: '10s',
      unit: 'ms',
    },
  ],
};
