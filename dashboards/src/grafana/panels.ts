// Each kind of panel, built with Grafana's SDK.
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  PanelBuilder as BarePanelBuilder,
  type Panel as GrafanaPanel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TextBuilder, TextMode } from '@grafana/grafana-foundation-sdk/text';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import type {
  Panel,
  StatPanel,
  TablePanel,
  TextPanel,
  TimeseriesPanel,
  TracesPanel,
} from '../model/board.js';
import { DATASOURCE } from '../model/datasource.js';
import { clickhouseQuery, type Format } from './clickhouse-query.js';
import { mappingsOf, overrideOf, thresholdsOf } from './field-config.js';

/** Turns a panel of ours into a builder of Grafana's; `sqlOf` finds a query by name and throws for an unknown one. */
export function panelOf(panel: Panel, sqlOf: (query: string) => string): Builder<GrafanaPanel> {
  switch (panel.kind) {
    case 'timeseries':
      return withData(timeseriesOf(panel), panel, sqlOf);
    case 'stat':
      return withData(statOf(panel), panel, sqlOf);
    case 'table':
      return withData(new TableBuilder().showHeader(true), panel, sqlOf);
    case 'traces':
      return withData(new BarePanelBuilder().type('traces'), panel, sqlOf);
    case 'text':
      return textOf(panel);
  }
}

type DataPanel = TimeseriesPanel | StatPanel | TablePanel | TracesPanel;
type DataBuilder = TimeseriesBuilder | StatBuilder | TableBuilder | BarePanelBuilder;

const FORMAT_OF: Record<DataPanel['kind'], Format> = {
  timeseries: 'timeseries',
  stat: 'table',
  table: 'table',
  traces: 'traces',
};

function withData<B extends DataBuilder>(
  builder: B,
  panel: DataPanel,
  sqlOf: (query: string) => string,
): B {
  builder
    .title(panel.title)
    .description(panel.description)
    .gridPos(panel.at)
    .datasource(DATASOURCE)
    .withTarget(clickhouseQuery(FORMAT_OF[panel.kind], sqlOf(panel.query)));
  if (panel.unit !== undefined) builder.unit(panel.unit);
  if (panel.noValue !== undefined) builder.noValue(panel.noValue);
  for (const field of panel.fields ?? []) builder.overrideByName(field.name, overrideOf(field));
  return builder;
}

function timeseriesOf(panel: TimeseriesPanel): TimeseriesBuilder {
  const builder = new TimeseriesBuilder()
    .interval(panel.interval)
    .drawStyle(DRAW[panel.draw ?? 'line'])
    .lineWidth(panel.stacked ? 1 : 2)
    .fillOpacity(panel.stacked ? 40 : 8)
    .showPoints(VisibilityMode.Auto)
    .spanNulls(false)
    .min(0)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .calcs([]),
    )
    .tooltip(
      new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending),
    );
  if (panel.max !== undefined) builder.max(panel.max);
  if (panel.stacked)
    builder.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  return builder;
}

const DRAW = {
  line: GraphDrawStyle.Line,
  bars: GraphDrawStyle.Bars,
  points: GraphDrawStyle.Points,
};

function statOf(panel: StatPanel): StatBuilder {
  const builder = new StatBuilder()
    .reduceOptions(
      new ReduceDataOptionsBuilder().values(false).calcs(['lastNotNull']).fields('/.*/'),
    )
    .colorMode(panel.mappings || panel.steps ? BigValueColorMode.Value : BigValueColorMode.None)
    .graphMode(BigValueGraphMode.None)
    .textMode(panel.text === 'value' ? BigValueTextMode.Value : BigValueTextMode.ValueAndName);
  if (panel.mappings) builder.mappings(mappingsOf(panel.mappings));
  if (panel.steps) builder.thresholds(thresholdsOf(panel.steps));
  if (panel.decimals !== undefined) builder.decimals(panel.decimals);
  return builder;
}

function textOf(panel: TextPanel): TextBuilder {
  return new TextBuilder()
    .title(panel.title)
    .description(panel.description)
    .gridPos(panel.at)
    .mode(TextMode.Markdown)
    .content(panel.content);
}
