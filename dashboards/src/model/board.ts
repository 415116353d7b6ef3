// What a dashboard of ours is, before anything renders it: panels, where they lie, and the name of the query each shows.

/** Grafana's unit ids, as far as the viewer knows them too. */
type Unit =
  | 'none'
  | 'short'
  | 'percentunit'
  | 'ms'
  | 's'
  | 'bytes'
  | 'reqps'
  | 'ops'
  | 'dateTimeAsIso';

/** Colour names that Grafana and the viewer both resolve for their theme. */
export type Color = 'green' | 'yellow' | 'orange' | 'red' | 'blue' | 'purple' | 'gray' | 'text';

/** Place in Grafana's grid of 24 columns; a row is 30 px high. */
interface Place {
  x: number;
  y: number;
  w: number;
  h: number;
}

/** From `value` upwards the colour holds; the first step has `null` and holds below all others. */
export interface Step {
  value: number | null;
  color: Color;
}

/** A value's text and colour, by its exact text or by a regular expression. */
export interface Mapping {
  match: { value: string } | { regex: string };
  text?: string;
  color?: Color;
}

/** How one column of a table, one value of a stat or one line of a chart is shown. */
export interface Field {
  name: string;
  unit?: Unit;
  decimals?: number;
  width?: number;
  color?: Color;
  steps?: Step[];
  mappings?: Mapping[];
  /** Draws a bar behind the number; for parts of one. */
  gauge?: boolean;
  hidden?: boolean;
  /** Where a click on the value leads; `${__data.fields.X:percentencode}` names a column of the row. */
  link?: { title: string; url: string };
}

interface PanelBase {
  title: string;
  description: string;
  at: Place;
}

interface QueriedPanel extends PanelBase {
  /** Name of the query in the catalog, such as `services.table`. */
  query: string;
  fields?: Field[];
  unit?: Unit;
  noValue?: string;
}

export interface TimeseriesPanel extends QueriedPanel {
  kind: 'timeseries';
  /** Lower bound of the time step: what the data is recorded in. */
  interval: '1s' | '10s' | '1m';
  draw?: 'line' | 'bars' | 'points';
  stacked?: boolean;
  max?: number;
}

export interface StatPanel extends QueriedPanel {
  kind: 'stat';
  steps?: Step[];
  mappings?: Mapping[];
  decimals?: number;
  /** `value` shows the text alone, `value_and_name` the column's name too. */
  text?: 'value' | 'value_and_name';
}

export interface TablePanel extends QueriedPanel {
  kind: 'table';
}

export interface TracesPanel extends QueriedPanel {
  kind: 'traces';
}

export interface TextPanel extends PanelBase {
  kind: 'text';
  /** Markdown: paragraphs, lists, `**bold**` and code. */
  content: string;
}

export type Panel = TimeseriesPanel | StatPanel | TablePanel | TracesPanel | TextPanel;

export type Variable =
  | { kind: 'query'; name: string; label: string; query: string }
  | { kind: 'textbox'; name: string; label: string };

export interface Board {
  uid: string;
  title: string;
  description: string;
  variables: Variable[];
  panels: Panel[];
}
