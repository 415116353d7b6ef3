// The columns of `metric_points` and `metric_histograms`, found by the names that their walker uses.
import { TABLES } from '../../schema/columns.js';
import { columnOfType } from '../columns/by-type.js';
import type { Column } from '../columns/column.js';
import type { LowCardinalityColumn } from '../columns/dictionary.js';
import type { Float64Column, UInt8Column, UInt64Column } from '../columns/numbers.js';
import type { RepeatedColumn } from '../columns/repeated.js';
import { Table } from '../columns/table.js';
import type { TextMapColumn } from '../text-map.js';

/** What both tables have. */
export interface OriginColumns {
  tenant: LowCardinalityColumn;
  service: LowCardinalityColumn;
  metric: LowCardinalityColumn;
  resource_id: UInt64Column;
  attrs: TextMapColumn;
  ts: UInt64Column;
  start_ts: UInt64Column;
  temporality: UInt8Column;
  unit: LowCardinalityColumn;
}

interface PointColumns extends OriginColumns {
  type: UInt8Column;
  value: Float64Column;
}

export interface HistogramColumns extends OriginColumns {
  count: UInt64Column;
  sum: Float64Column;
  min: Float64Column;
  max: Float64Column;
  bounds: RepeatedColumn<readonly [Float64Column]>;
  bucket_counts: RepeatedColumn<readonly [UInt64Column]>;
}

export interface PointsTable {
  readonly table: Table;
  readonly columns: PointColumns;
}

export interface HistogramsTable {
  readonly table: Table;
  readonly columns: HistogramColumns;
}

export function createPointsTable(): PointsTable {
  const columns = make('metric_points');
  return {
    table: new Table(TABLES.metric_points, columns),
    columns: columns as unknown as PointColumns,
  };
}

export function createHistogramsTable(): HistogramsTable {
  const columns = make('metric_histograms');
  return {
    table: new Table(TABLES.metric_histograms, columns),
    columns: columns as unknown as HistogramColumns,
  };
}

function make(table: 'metric_points' | 'metric_histograms'): Record<string, Column> {
  const columns: Record<string, Column> = {};
  for (const { name, type } of TABLES[table]) columns[name] = columnOfType(type);
  return columns;
}
