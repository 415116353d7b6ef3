// The datasource variable that every dashboard begins with, and the dashboard's own.
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  type VariableModel,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Variable } from '../model/board.js';
import { DATASOURCE } from '../model/datasource.js';

/** Which ClickHouse to ask; every panel names it. */
export function datasourceVariable(): Builder<VariableModel> {
  return new DatasourceVariableBuilder('datasource').label('ClickHouse').type(DATASOURCE.type);
}

/** A list that a query fills, or a box to type into; never several values, which the queries do not expect. */
export function variableOf(
  variable: Variable,
  sqlOf: (query: string) => string,
): Builder<VariableModel> {
  if (variable.kind === 'textbox') {
    return new TextBoxVariableBuilder(variable.name).label(variable.label).defaultValue('');
  }
  return new QueryVariableBuilder(variable.name)
    .label(variable.label)
    .datasource(DATASOURCE)
    .query({
      refId: variable.name,
      queryType: 'sql',
      editorType: 'sql',
      rawSql: sqlOf(variable.query),
    })
    .multi(false)
    .includeAll(false)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.Disabled);
}
