// Writes a row of `resources` the first time in a day that a resource is seen.
import { TABLES } from '../../schema/columns.js';
import type { Clock } from '../../self/clock.js';
import { columnOfType } from '../columns/by-type.js';
import type { Column } from '../columns/column.js';
import type { LowCardinalityColumn } from '../columns/dictionary.js';
import type { UInt16Column, UInt32Column, UInt64Column } from '../columns/numbers.js';
import type { Series } from '../columns/series.js';
import { Slice } from '../columns/slice.js';
import type { StringColumn } from '../columns/strings.js';
import { Table } from '../columns/table.js';
import type { TextMapColumn } from '../text-map.js';
import type { Resource } from './resource.js';

export const tenantName = Buffer.from('default');

interface ResourceColumns {
  tenant: LowCardinalityColumn;
  service: LowCardinalityColumn;
  resource_id: UInt64Column;
  day: UInt16Column;
  env: LowCardinalityColumn;
  version: LowCardinalityColumn;
  instance: StringColumn;
  host: LowCardinalityColumn;
  attributes: TextMapColumn;
  last_seen: UInt32Column;
}

export interface ResourcesTable {
  readonly table: Table;
  readonly columns: ResourceColumns;
}

export function createResourcesTable(): ResourcesTable {
  const columns: Record<string, Column> = {};
  for (const { name, type } of TABLES.resources) columns[name] = columnOfType(type);
  return {
    table: new Table(TABLES.resources, columns),
    columns: columns as unknown as ResourceColumns,
  };
}

const dayMs = 86_400_000;
/** Remembered (resource, day) pairs; after that many they are simply written once more. */
const announcedMax = 100_000;

/** Keys of the rows that a block brings, so that they can be forgotten if the block is lost. */
export type Announced = string[];

export class ResourceAnnouncer {
  readonly #clock: Clock;
  readonly #announced = new Set<string>();
  readonly #slice = new Slice();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Adds the resource's row for today where it is not stored yet, and its key to `announced`. */
  announce(resource: Resource, series: Series<ResourcesTable>, announced: Announced): void {
    const now = this.#clock.now();
    const day = Math.floor(now / dayMs);
    const key = `${resource.idHi}:${resource.idLo}:${day}`;
    if (this.#announced.has(key)) return;
    if (this.#announced.size >= announcedMax) this.#announced.clear();
    this.#announced.add(key);
    announced.push(key);
    this.#write(resource, series.writable(), { day, seconds: Math.floor(now / 1000) });
  }

  /** Forgets rows that were not stored after all. */
  forget(announced: Announced): void {
    for (const key of announced) this.#announced.delete(key);
    announced.length = 0;
  }

  #write(resource: Resource, target: ResourcesTable, at: { day: number; seconds: number }): void {
    const { table, columns } = target;
    const slice = this.#slice;
    const row = table.openRow();
    columns.tenant.set(row, slice.whole(tenantName));
    columns.service.set(row, slice.whole(resource.service));
    columns.resource_id.values[row * 2] = resource.idLo;
    columns.resource_id.values[row * 2 + 1] = resource.idHi;
    columns.day.values[row] = at.day;
    columns.env.set(row, slice.whole(resource.env));
    columns.version.set(row, slice.whole(resource.version));
    columns.instance.set(row, slice.whole(resource.instance));
    columns.host.set(row, slice.whole(resource.host));
    for (const [key, value] of resource.attributes) {
      const place = columns.attributes.add(row);
      columns.attributes.elements[0].set(place, slice.whole(key));
      columns.attributes.elements[1].set(place, slice.whole(value));
    }
    columns.last_seen.values[row] = at.seconds;
    table.commitRow();
  }
}
