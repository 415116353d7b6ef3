// What other packages may know of the collector: its tables and the shape of a verdict.
export { type ColumnSpec, SCHEMA_VERSION, TABLE_NAMES, TABLES, type TableName } from './columns.js';
export { type Bottleneck, CAUSES, type Cause, type Verdict } from './verdict.js';
