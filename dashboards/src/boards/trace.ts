// One trace: its waterfall, what it paid, its spans and events; and traces to choose from.
import type { Board, Field } from '../model/board.js';
import { millis, SERVICE, STATUS, TRACE } from './fields.js';

const TIME: Field = { name: 'Time', unit: 'dateTimeAsIso', width: 112 };
const NO_TRACE =
  'No trace chosen, or none with this id is kept: pick one of the slowest or latest below';
const CHOICE: Field[] = [
  TIME,
  { ...SERVICE, width: 96 },
  { name: 'Route' },
  STATUS,
  millis('Duration'),
  TRACE,
];

export const TRACE_BOARD: Board = {
  uid: 'venturi-trace',
  title: 'Trace',
  description: 'One request through all services.',
  variables: [{ kind: 'textbox', name: 'trace_id', label: 'Trace id' }],
  panels: [
    {
      kind: 'stat',
      title: 'The trace',
      description: 'Its duration, and what its requests paid for what.',
      at: { x: 0, y: 0, w: 24, h: 3 },
      query: 'trace.summary',
      text: 'value_and_name',
      unit: 'ms',
      noValue: NO_TRACE,
      fields: ['Spans', 'Services', 'Errors', 'Statements'].map((name) => ({
        name,
        unit: 'short',
        decimals: 0,
      })),
    },
    {
      kind: 'traces',
      title: 'Waterfall',
      description: 'Every span of the trace in time; choose one for its attributes.',
      at: { x: 0, y: 3, w: 24, h: 14 },
      query: 'trace.waterfall',
      noValue: '',
    },
    {
      kind: 'table',
      title: 'Spans',
      description:
        'In the order of their start. Loop busy is the part of a span in which the event loop was not idle.',
      at: { x: 0, y: 17, w: 24, h: 10 },
      query: 'trace.spans',
      noValue: '',
      fields: [
        { ...millis('Start'), width: 76 },
        { ...SERVICE, width: 96 },
        { name: 'Span', width: 180 },
        { name: 'Kind', width: 68 },
        millis('Duration'),
        millis('Loop busy'),
        millis('Blocked', 'red'),
        { ...millis('GC', 'yellow'), width: 64 },
        millis('Pool wait', 'orange'),
        { name: 'Call site', width: 230 },
        { name: 'Statement or URL' },
        STATUS,
      ],
    },
    {
      kind: 'table',
      title: 'Events and exceptions',
      description: 'What happened inside the spans.',
      at: { x: 0, y: 27, w: 24, h: 6 },
      query: 'trace.events',
      noValue: '',
      fields: [
        TIME,
        { ...SERVICE, width: 96 },
        { name: 'Span', width: 180 },
        { name: 'Event', width: 110 },
        { name: 'Details' },
        { name: 'Stack' },
      ],
    },
    {
      kind: 'table',
      title: 'Slowest traces',
      description: 'Traces of the range that took longest.',
      at: { x: 0, y: 33, w: 12, h: 10 },
      query: 'traces.slowest',
      noValue: 'No traces in this time',
      fields: CHOICE,
    },
    {
      kind: 'table',
      title: 'Latest traces',
      description: 'Traces of the range that began last.',
      at: { x: 12, y: 33, w: 12, h: 10 },
      query: 'traces.latest',
      noValue: 'No traces in this time',
      fields: CHOICE,
    },
  ],
};
