// The part of Grafana's classic dashboard JSON that our dashboards use and the viewer understands.

export interface GridPos {
  x: number;
  y: number;
  w: number;
  h: number;
}

interface FieldLink {
  title: string;
  url: string;
}

interface Threshold {
  value: number | null;
  color: string;
}

export interface MappingResult {
  text?: string;
  color?: string;
}

type ValueMapping =
  | { type: 'value'; options: Record<string, MappingResult> }
  | { type: 'regex'; options: { pattern: string; result: MappingResult } };

/** Everything that defaults and overrides may say of a field, under one roof. */
export interface FieldConfig {
  unit?: string;
  decimals?: number;
  min?: number;
  max?: number;
  noValue?: string;
  color?: { mode: string; fixedColor?: string };
  thresholds?: { mode: string; steps: Threshold[] };
  mappings?: ValueMapping[];
  links?: FieldLink[];
  custom?: FieldCustom;
}

export interface FieldCustom {
  width?: number;
  hidden?: boolean;
  cellOptions?: { type: string };
  drawStyle?: string;
  lineWidth?: number;
  fillOpacity?: number;
  stacking?: { mode: string };
}

interface Override {
  matcher: { id: string; options: string };
  properties: { id: string; value: unknown }[];
}

interface Target {
  refId: string;
  rawSql: string;
}

export interface PanelJson {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: GridPos;
  interval?: string;
  targets?: Target[];
  fieldConfig?: { defaults: FieldConfig; overrides: Override[] };
  options?: { content?: string; textMode?: string };
}

interface VariableJson {
  type: string;
  name: string;
  label?: string;
}

export interface DashboardJson {
  uid: string;
  title: string;
  description?: string;
  time: { from: string; to: string };
  links: { title: string; url: string }[];
  templating: { list: VariableJson[] };
  panels: PanelJson[];
}
