// Makes the column that fits a ClickHouse type, so that the column list alone says what is filled.
import type { Column } from './column.js';
import { LowCardinalityColumn } from './dictionary.js';
import {
  fixedStringColumn,
  float32Column,
  float64Column,
  uint8Column,
  uint16Column,
  uint32Column,
  uint64Column,
} from './numbers.js';
import { RepeatedColumn } from './repeated.js';
import { StringColumn } from './strings.js';

const makers: ReadonlyArray<readonly [RegExp, (match: RegExpExecArray) => Column]> = [
  [/^LowCardinality\(String\)$/, () => new LowCardinalityColumn()],
  [/^String$/, () => new StringColumn()],
  [/^(Enum8\(.*\)|Bool|UInt8)$/, () => uint8Column()],
  [/^(UInt16|Date)$/, () => uint16Column()],
  [/^(UInt32|DateTime(\(.*\))?)$/, () => uint32Column()],
  [/^(UInt64|DateTime64\(.*\))$/, () => uint64Column()],
  [/^Float32$/, () => float32Column()],
  [/^Float64$/, () => float64Column()],
  [/^FixedString\((\d+)\)$/, (match) => fixedStringColumn(Number(match[1]))],
  [/^Array\((.*)\)$/, (match) => new RepeatedColumn(columnOfType(match[1] ?? ''))],
  [
    /^Map\((LowCardinality\(String\)), (.*)\)$/,
    (match) => new RepeatedColumn(new LowCardinalityColumn(), columnOfType(match[2] ?? '')),
  ],
];

/** Throws for a type that no column is written for. */
export function columnOfType(type: string): Column {
  for (const [pattern, make] of makers) {
    const match = pattern.exec(type);
    if (match) return make(match);
  }
  throw new Error(`no column is written for the type ${type}`);
}
