// Grafana's datasource speaks clickhouse-go, whose first question decides in which revision of Native it reads all answers.
import { hostname } from 'node:os';

/** What clickhouse-go asks on each new connection. */
const helloPattern =
  /^\s*SELECT\s+displayName\(\)\s*,\s*version\(\)\s*,\s*revision\(\)\s*,\s*timezone\(\)\s*;?\s*$/i;

/**
 * The answer to clickhouse-go's hello in Native, or undefined where the statement is another.
 *
 * chDB writes Native of revision 0. clickhouse-go reads this one answer with the revision it named
 * in `client_protocol_version`, and every later one with the revision that it finds in here: 0.
 */
export function helloAnswer(
  sql: string,
  about: { protocolVersion: number; version: string },
): Buffer | undefined {
  if (!helloPattern.test(sql)) return undefined;
  const columns: Array<[name: string, type: string, value: Buffer]> = [
    ['displayName()', 'String', text(hostname())],
    ['version()', 'String', text(about.version)],
    ['revision()', 'UInt32', Buffer.alloc(4)],
    ['timezone()', 'String', text('UTC')],
  ];
  const parts: Buffer[] = [];
  // From revision 51903 on, a block begins with its BlockInfo: not an overflow block, bucket -1, end.
  if (about.protocolVersion > 0) parts.push(Buffer.from([1, 0, 2, 255, 255, 255, 255, 0]));
  parts.push(Buffer.from([columns.length, 1]));
  for (const [name, type, value] of columns) {
    parts.push(text(name), text(type));
    // From revision 54454 on, a byte says whether the column has a serialization of its own.
    if (about.protocolVersion >= 54_454) parts.push(Buffer.from([0]));
    parts.push(value);
  }
  return Buffer.concat(parts);
}

/** A string of Native: its length as a varint, and its bytes. These are all shorter than 128. */
function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8').subarray(0, 127);
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}
