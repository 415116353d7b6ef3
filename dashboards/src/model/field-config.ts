// What a panel's JSON says of one field: its defaults, with the overrides that match laid over them.
import type { FieldConfig, FieldCustom, MappingResult, PanelJson } from './grafana-json.js';

/** The configuration of the field `name`. */
export function configOf(panel: Pick<PanelJson, 'fieldConfig'>, name: string): FieldConfig {
  const { defaults = {}, overrides = [] } = panel.fieldConfig ?? {};
  const config: FieldConfig = { ...defaults, custom: { ...defaults.custom } };
  for (const { matcher, properties } of overrides) {
    if (matcher.id !== 'byName' || matcher.options !== name) continue;
    for (const { id, value } of properties) assign(config, id, value);
  }
  return config;
}

function assign(config: FieldConfig, id: string, value: unknown): void {
  if (id.startsWith('custom.')) {
    config.custom = { ...config.custom, [id.slice('custom.'.length)]: value } as FieldCustom;
  } else {
    Object.assign(config, { [id]: value });
  }
}

/** The first mapping that fits a value's text. */
export function mappingOf(config: FieldConfig, value: string): MappingResult | undefined {
  for (const mapping of config.mappings ?? []) {
    if (mapping.type === 'value') {
      if (Object.hasOwn(mapping.options, value)) return mapping.options[value];
    } else if (new RegExp(mapping.options.pattern).test(value)) {
      return mapping.options.result;
    }
  }
  return undefined;
}

/** Name of the colour that a value has: by mapping, by threshold, or fixed. */
export function colorOf(config: FieldConfig, value: unknown): string | undefined {
  const mapped = mappingOf(config, String(value))?.color;
  if (mapped !== undefined) return mapped;
  if (config.color?.mode === 'fixed') return config.color.fixedColor;
  if (config.color?.mode !== 'thresholds' || typeof value !== 'number') return undefined;
  const steps = config.thresholds?.steps ?? [];
  return steps.findLast((step) => step.value === null || value >= step.value)?.color;
}
