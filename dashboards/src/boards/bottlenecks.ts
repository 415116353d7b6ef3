// The first page: where the bottleneck is, in one look.
import type { Board } from '../model/board.js';
import { CAUSE_MAPPINGS, millis, SERVICE, TRACE } from './fields.js';

const NONE_YET = 'No requests examined yet: "venturi doctor" says why nothing arrives';

const CAUSES_EXPLAINED = `
- **N+1 queries**: one statement runs many times in a request. Fetch the rows together, or join.
- **Waiting for a pool**: requests queue for a connection. Hold connections for less time, or allow more of them.
- **Event loop blocked**: JavaScript ran for so long that every other request waited. Split the work, or move it to a worker.
- **Slow statement**: one statement takes most of the time. Look at its plan and its indexes.
- **Slow downstream**: another service answers late. Call it in parallel, cache, or look there.
- **Garbage collection**: pauses take a good part of the time. Allocate less on the route that is named.
`.trim();

export const BOTTLENECKS: Board = {
  uid: 'venturi-bottlenecks',
  title: 'Bottlenecks',
  description: 'Where the time of your requests is lost, and the code to look at.',
  variables: [],
  panels: [
    {
      kind: 'stat',
      title: 'The bottleneck',
      description: 'The costliest finding of the latest run that examined requests.',
      at: { x: 0, y: 0, w: 17, h: 4 },
      query: 'bottlenecks.headline',
      text: 'value',
      noValue: NONE_YET,
      mappings: [
        { match: { regex: '^No bottleneck found.*' }, color: 'green' },
        { match: { regex: '.* costs .*' }, color: 'orange' },
      ],
    },
    {
      kind: 'stat',
      title: 'Requests examined',
      description: 'Requests in the window of that run, and the window.',
      at: { x: 17, y: 0, w: 7, h: 4 },
      query: 'bottlenecks.requests',
      text: 'value_and_name',
      noValue: 'None yet',
      fields: [
        { name: 'Requests', unit: 'short' },
        { name: 'From', unit: 'dateTimeAsIso', decimals: 0 },
        { name: 'To', unit: 'dateTimeAsIso', decimals: 0 },
      ],
    },
    {
      kind: 'stat',
      title: 'Evidence',
      description: 'Why the locator says so, and the code to look at.',
      at: { x: 0, y: 4, w: 24, h: 3 },
      query: 'bottlenecks.evidence',
      text: 'value',
      noValue: '',
    },
    {
      kind: 'table',
      title: 'Findings',
      description:
        'What the latest run found, the costliest first. Total time is what all requests of the window lost.',
      at: { x: 0, y: 7, w: 24, h: 9 },
      query: 'bottlenecks.findings',
      noValue: 'Nothing found',
      fields: [
        { name: '#', width: 34 },
        { ...SERVICE, width: 92 },
        { name: 'Route' },
        { name: 'Cause', width: 148, mappings: CAUSE_MAPPINGS },
        { ...millis('Cost per request'), width: 92 },
        { name: 'Share', unit: 'percentunit', width: 84, gauge: true },
        millis('Total time'),
        { name: 'Call site', width: 264 },
        { name: 'Statement' },
        { name: 'Confidence', unit: 'percentunit', decimals: 0, width: 86 },
        TRACE,
      ],
    },
    {
      kind: 'timeseries',
      title: 'Findings over time',
      description: 'What a request lost to each finding, run by run.',
      at: { x: 0, y: 16, w: 14, h: 12 },
      query: 'bottlenecks.timeline',
      interval: '10s',
      unit: 'ms',
      noValue: 'No finding in this time',
    },
    {
      kind: 'text',
      title: 'What to do about each',
      description: 'The causes that Venturi knows.',
      at: { x: 14, y: 16, w: 10, h: 12 },
      content: CAUSES_EXPLAINED,
    },
  ],
};
