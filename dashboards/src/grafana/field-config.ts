// How columns, values and lines look, as Grafana's overrides, mappings and thresholds.
import {
  type DynamicConfigValue,
  MappingType,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Field, Mapping, Step } from '../model/board.js';

/** The properties that a field's override sets, in a fixed order. */
export function overrideOf(field: Field): DynamicConfigValue[] {
  const properties: DynamicConfigValue[] = [];
  const add = (id: string, value: unknown) => properties.push({ id, value });
  if (field.unit !== undefined) add('unit', field.unit);
  if (field.decimals !== undefined) add('decimals', field.decimals);
  if (field.width !== undefined) add('custom.width', field.width);
  if (field.color !== undefined) add('color', { mode: 'fixed', fixedColor: field.color });
  if (field.steps !== undefined) {
    add('thresholds', { mode: 'absolute', steps: field.steps });
    add('color', { mode: 'thresholds' });
  }
  if (field.mappings !== undefined) add('mappings', mappingsOf(field.mappings));
  const cell = cellOf(field);
  if (cell !== undefined) add('custom.cellOptions', cell);
  if (field.gauge) {
    add('min', 0);
    add('max', 1);
  }
  if (field.hidden) add('custom.hidden', true);
  if (field.link !== undefined) add('links', [field.link]);
  return properties;
}

function cellOf(field: Field): { type: string; mode?: string } | undefined {
  if (field.gauge) return { type: 'gauge', mode: 'basic' };
  if (field.steps !== undefined || field.mappings !== undefined) return { type: 'color-text' };
  return undefined;
}

/** Values become text and colour; all plain values go into one mapping, as Grafana's editor writes it. */
export function mappingsOf(mappings: Mapping[]): ValueMapping[] {
  const plain = mappings.flatMap((mapping, index) =>
    'value' in mapping.match ? [[mapping.match.value, resultOf(mapping, index)] as const] : [],
  );
  const patterns = mappings.flatMap((mapping, index): ValueMapping[] =>
    'regex' in mapping.match
      ? [
          {
            type: MappingType.RegexToText,
            options: { pattern: mapping.match.regex, result: resultOf(mapping, index) },
          },
        ]
      : [],
  );
  const values: ValueMapping[] =
    plain.length > 0 ? [{ type: MappingType.ValueToText, options: Object.fromEntries(plain) }] : [];
  return [...values, ...patterns];
}

function resultOf({ text, color }: Mapping, index: number) {
  return { ...(text !== undefined && { text }), ...(color !== undefined && { color }), index };
}

/** Thresholds for a builder; the SDK's type wants a number where Grafana's JSON has null for the first step. */
export function thresholdsOf(steps: Step[]): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps);
}
