// The datasource that every panel names: a variable, so that one file fits every Grafana.

export const DATASOURCE = {
  type: 'grafana-clickhouse-datasource',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own placeholder.
  uid: '${datasource}',
} as const;
