// The columns of `spans`, found by the names that the span walker uses.
import { TABLES } from '../../schema/columns.js';
import { columnOfType } from '../columns/by-type.js';
import type { Column } from '../columns/column.js';
import { LowCardinalityColumn } from '../columns/dictionary.js';
import type {
  Float32Column,
  Float64Column,
  UInt8Column,
  UInt16Column,
  UInt64Column,
} from '../columns/numbers.js';
import type { RepeatedColumn } from '../columns/repeated.js';
import { StringColumn } from '../columns/strings.js';
import { Table } from '../columns/table.js';
import type { TextMapColumn } from '../text-map.js';
import { PROMOTIONS } from './promoted.js';

type MapOf<Value extends Column> = RepeatedColumn<readonly [LowCardinalityColumn, Value]>;
type ArrayOf<Element extends Column> = RepeatedColumn<readonly [Element]>;

/** How the value of a promoted attribute is stored. */
export type PromotedKind = 'dictionary' | 'text' | 'uint16' | 'uint32' | 'float32';

export interface SpanColumns {
  tenant: LowCardinalityColumn;
  service: LowCardinalityColumn;
  env: LowCardinalityColumn;
  ts: UInt64Column;
  duration_ns: UInt64Column;
  trace_id: UInt8Column;
  span_prefix: UInt64Column;
  span_seq: UInt16Column;
  parent_prefix: UInt64Column;
  parent_seq: UInt16Column;
  name: LowCardinalityColumn;
  kind: UInt8Column;
  status: UInt8Column;
  status_message: StringColumn;
  is_entry: UInt8Column;
  sample_weight: Float32Column;
  resource_id: UInt64Column;
  scope: LowCardinalityColumn;
  trace_state: StringColumn;
  attrs: TextMapColumn;
  attrs_num: MapOf<Float64Column>;
  attrs_bool: MapOf<UInt8Column>;
  'events.ts': ArrayOf<UInt64Column>;
  'events.name': ArrayOf<LowCardinalityColumn>;
  'events.attrs': ArrayOf<TextMapColumn>;
  'links.trace_id': ArrayOf<UInt8Column>;
  'links.span_id': ArrayOf<UInt8Column>;
  'links.attrs': ArrayOf<TextMapColumn>;
}

export interface SpansTable {
  readonly table: Table;
  readonly columns: SpanColumns;
  /** The columns of PROMOTIONS, in its order. */
  readonly promoted: readonly Column[];
}

export function createSpansTable(): SpansTable {
  const columns: Record<string, Column> = {};
  for (const { name, type } of TABLES.spans) columns[name] = columnOfType(type);
  const promoted = PROMOTIONS.map(({ column }) => columns[column] as Column);
  return {
    table: new Table(TABLES.spans, columns),
    // The list of columns decides what was made; a test reads every one of them back.
    columns: columns as unknown as SpanColumns,
    promoted,
  };
}

/** The kind of each of PROMOTIONS, from the type of its column. */
export const PROMOTED_KINDS: readonly PromotedKind[] = PROMOTIONS.map(({ column }) => {
  const type = TABLES.spans.find(({ name }) => name === column)?.type ?? '';
  const made = columnOfType(type);
  if (made instanceof LowCardinalityColumn) return 'dictionary';
  if (made instanceof StringColumn) return 'text';
  if (type === 'UInt16') return 'uint16';
  return type === 'UInt32' ? 'uint32' : 'float32';
});
