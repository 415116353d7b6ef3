// 64-bit integers come as text, so that no digit is lost; what fits a number becomes one, the rest stays text.

type Convert = (value: unknown) => unknown;

const keep: Convert = (value) => value;

const toNumber: Convert = (value) => {
  if (typeof value !== 'string') return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
};

/**
 * A converter for values of a ClickHouse type, as JSONCompact writes them with
 * `output_format_json_quote_64bit_integers=1`; undefined where nothing is to be done.
 */
export function integerConverter(type: string): Convert | undefined {
  const convert = converterOf(type);
  return convert === keep ? undefined : convert;
}

function converterOf(type: string): Convert {
  if (!/Int64|Int128|Int256/.test(type)) return keep;
  if (/^U?Int(64|128|256)$/.test(type)) return toNumber;
  const nested = /^(\w+)\(([\s\S]*)\)$/.exec(type);
  if (!nested) return keep;
  const [, outer, inner = ''] = nested;
  if (outer === 'Nullable' || outer === 'LowCardinality') return converterOf(inner);
  if (outer === 'SimpleAggregateFunction') return converterOf(argumentsOf(inner)[1] ?? '');
  if (outer === 'Array') return arrayConverter(converterOf(inner));
  if (outer === 'Map') return mapConverter(converterOf(argumentsOf(inner)[1] ?? ''));
  if (outer === 'Tuple') return tupleConverter(argumentsOf(inner));
  return keep;
}

function arrayConverter(item: Convert): Convert {
  if (item === keep) return keep;
  return (value) => (Array.isArray(value) ? value.map(item) : value);
}

function mapConverter(item: Convert): Convert {
  if (item === keep) return keep;
  return (value) => {
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, item(one)]));
  };
}

/** A tuple is a JSON array, or an object where its elements have names. */
function tupleConverter(elements: string[]): Convert {
  const named = elements.map((element) => /^(?:(\w+|`[^`]*`) )?([\s\S]*)$/.exec(element));
  const converts = named.map((match) => converterOf(match?.[2] ?? ''));
  return (value) => {
    if (Array.isArray(value)) return value.map((one, i) => (converts[i] ?? keep)(one));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, one], i) => [key, (converts[i] ?? keep)(one)]);
    return Object.fromEntries(entries);
  };
}

/** Splits `String, Array(UInt64)` at the commas that are not inside brackets. */
function argumentsOf(inner: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < inner.length; i += 1) {
    const char = inner[i];
    if (char === '(') depth += 1;
    else if (char === ')') depth -= 1;
    else if (char === ',' && depth === 0) {
      parts.push(inner.slice(from, i).trim());
      from = i + 1;
    }
  }
  return [...parts, inner.slice(from).trim()];
}
