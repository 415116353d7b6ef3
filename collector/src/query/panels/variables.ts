// Puts the values of a dashboard's variables into its SQL, so that no value can be more than a string.

/** Ways to write a value; others, and none, could end the string that they stand in, and are refused. */
const FORMATS: Record<string, (value: string) => string> = {
  percentencode: encodeStrictly,
  singlequote: (value) => `'${value.replace(/['\\]/g, '\\$&')}'`,
  sqlstring: (value) => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`,
};

/** Percent-encoding of everything but letters, digits and `-_.~`: what is left means nothing to SQL. */
function encodeStrictly(value: string): string {
  // A lone surrogate has no UTF-8, so it becomes what every decoder puts in its place.
  return encodeURIComponent(value.replace(/\p{Surrogate}/gu, '\ufffd')).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

const REFERENCE = /\$\{(\w+)(?::(\w+))?\}/g;

/**
 * Replaces `${name:format}` by the value in that format. Values are looked at once and never again, so that a value
 * which looks like a reference stays text. Throws an Error for a variable without a value and for an unsafe format.
 */
export function bindVariables(sql: string, values: ReadonlyMap<string, string>): string {
  return sql.replace(REFERENCE, (reference: string, name: string, format: string | undefined) => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`the dashboard has no variable ${name}`);
    const write =
      format !== undefined && Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
    if (write === undefined) {
      throw new Error(`${reference} is not safe in SQL; use \${${name}:percentencode}`);
    }
    return write(value);
  });
}
