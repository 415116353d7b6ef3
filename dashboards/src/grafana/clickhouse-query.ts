// One target of a panel, in the form of Grafana's ClickHouse datasource.
import type { Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import { DATASOURCE } from '../model/datasource.js';

/** Result shapes by the numbers that the datasource's backend reads. */
const FORMATS = { timeseries: 0, table: 1, traces: 3 } as const;

export type Format = keyof typeof FORMATS;

/**
 * A builder for the SDK. `editorType` and a recent `pluginVersion` are always set, or the datasource's editor takes
 * the target for one of its version 3 and rewrites it.
 */
export function clickhouseQuery(format: Format, rawSql: string): { build(): Dataquery } {
  const target = {
    refId: 'A',
    datasource: DATASOURCE,
    editorType: 'sql',
    queryType: format,
    format: FORMATS[format],
    pluginVersion: '4.20.0',
    rawSql,
  };
  // The SDK marks queries with a method; hidden, so that it does not reach the JSON.
  const marker = { _implementsDataqueryVariant: { value: () => undefined, enumerable: false } };
  const query = Object.defineProperties(target, marker) as typeof target & Dataquery;
  return { build: () => query };
}
