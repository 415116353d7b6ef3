// A block while it is filled: the tables that many requests write to before it goes to the spool.
import type { TableName } from '../schema/columns.js';
import { Series } from './columns/series.js';
import {
  createHistogramsTable,
  createPointsTable,
  type HistogramsTable,
  type PointsTable,
} from './metrics/points-table.js';
import {
  type Announced,
  createResourcesTable,
  type ResourcesTable,
} from './resource/resources-table.js';
import { createSpansTable, type SpansTable } from './trace/spans-table.js';

/** One Native block of one table. The chunks borrow the block's memory until `reset`. */
export interface WrittenTable {
  readonly table: TableName;
  readonly rows: number;
  readonly chunks: readonly Uint8Array[];
  readonly bytes: number;
}

export class BlockTables {
  readonly resources: Series<ResourcesTable>;
  readonly spans: Series<SpansTable>;
  readonly points: Series<PointsTable>;
  readonly histograms: Series<HistogramsTable>;
  /** Resource rows that this block brings. */
  readonly announced: Announced = [];
  #announcedAtMark = 0;

  /** `rowsMax` is the most rows of one Native block; a request with more gets several. */
  constructor(rowsMax: number) {
    this.resources = new Series(createResourcesTable, rowsMax);
    this.spans = new Series(createSpansTable, rowsMax);
    this.points = new Series(createPointsTable, rowsMax);
    this.histograms = new Series(createHistogramsTable, rowsMax);
  }

  mark(): void {
    for (const [, series] of this.#series()) series.mark();
    this.#announcedAtMark = this.announced.length;
  }

  /** Undoes what a request wrote and returns the resources that are unannounced again. */
  rollback(): Announced {
    for (const [, series] of this.#series()) series.rollback();
    return this.announced.splice(this.#announcedAtMark);
  }

  reset(): void {
    for (const [, series] of this.#series()) series.reset();
    this.announced.length = 0;
  }

  bytes(): number {
    let sum = 0;
    for (const [, series] of this.#series()) sum += series.bytes();
    return sum;
  }

  /** Every table that holds rows, in the order in which they are to be inserted. */
  write(): WrittenTable[] {
    return this.#series().flatMap(([name, series]) =>
      series.filled().map(({ table }) => {
        const { chunks, bytes } = table.write();
        return { table: name, rows: table.rows, chunks, bytes };
      }),
    );
  }

  #series(): ReadonlyArray<readonly [TableName, Series<{ readonly table: SpansTable['table'] }>]> {
    return [
      ['resources', this.resources],
      ['spans', this.spans],
      ['metric_points', this.points],
      ['metric_histograms', this.histograms],
    ];
  }
}
