// W3C baggage: the API's object, and the header that carries it (https://www.w3.org/TR/baggage/).

import type { Baggage, BaggageEntry } from '@opentelemetry/api';

const MEMBERS_MAX = 180;
const MEMBER_CHARS_MAX = 4096;
const HEADER_CHARS_MAX = 8192;

/** An immutable set of entries. */
class W3CBaggage implements Baggage {
  readonly #entries: ReadonlyMap<string, BaggageEntry>;

  constructor(entries: ReadonlyMap<string, BaggageEntry> = new Map()) {
    this.#entries = entries;
  }

  getEntry(name: string): BaggageEntry | undefined {
    const entry = this.#entries.get(name);
    return entry === undefined ? undefined : { ...entry };
  }

  getAllEntries(): [string, BaggageEntry][] {
    return [...this.#entries];
  }

  setEntry(name: string, entry: BaggageEntry): Baggage {
    return new W3CBaggage(new Map(this.#entries).set(name, entry));
  }

  removeEntry(name: string): Baggage {
    return this.removeEntries(name);
  }

  removeEntries(...names: string[]): Baggage {
    const entries = new Map(this.#entries);
    for (const name of names) entries.delete(name);
    return new W3CBaggage(entries);
  }

  clear(): Baggage {
    return new W3CBaggage();
  }
}

/**
 * Reads the header, or all of them. Members that break the rules are left out, and what is beyond W3C's limits.
 * @returns undefined where nothing is left
 */
export function parseBaggage(headers: string | readonly string[]): Baggage | undefined {
  const entries = new Map<string, BaggageEntry>();
  let chars = 0;
  for (const member of (typeof headers === 'string' ? headers : headers.join(',')).split(',')) {
    if (entries.size >= MEMBERS_MAX) break;
    if (member.length > MEMBER_CHARS_MAX) continue;
    const parsed = parseMember(member);
    if (parsed === undefined) continue;
    chars += member.length + (entries.size > 0 ? 1 : 0);
    if (chars > HEADER_CHARS_MAX) break;
    entries.set(parsed[0], parsed[1]);
  }
  return entries.size === 0 ? undefined : new W3CBaggage(entries);
}

function parseMember(member: string): [string, BaggageEntry] | undefined {
  const end = member.indexOf(';');
  const pair = end === -1 ? member : member.slice(0, end);
  const at = pair.indexOf('=');
  if (at === -1) return undefined;
  try {
    const name = decodeURIComponent(pair.slice(0, at).trim());
    const value = decodeURIComponent(pair.slice(at + 1).trim());
    if (name === '' || value === '') return undefined;
    const properties = end === -1 ? '' : member.slice(end + 1);
    return [name, properties === '' ? { value } : { value, metadata: metadata(properties) }];
  } catch {
    return undefined;
  }
}

/** The API marks metadata with a symbol that each copy has for itself; nobody reads it. */
function metadata(text: string): NonNullable<BaggageEntry['metadata']> {
  return { toString: () => text } as NonNullable<BaggageEntry['metadata']>;
}

/**
 * The header for baggage that any copy of the API made; '' where there is none. Entries beyond W3C's limits are left
 * out whole.
 */
export function formatBaggage(baggage: unknown): string {
  const entries = (baggage as Baggage | undefined | null)?.getAllEntries?.();
  if (entries === undefined) return '';
  let header = '';
  let members = 0;
  for (const [name, { value, metadata: properties }] of entries) {
    if (members >= MEMBERS_MAX) break;
    const pair = `${encode(name)}=${encode(value)}`;
    const member = properties === undefined ? pair : `${pair};${properties.toString()}`;
    if (member.length > MEMBER_CHARS_MAX) continue;
    members++;
    const longer = header === '' ? member : `${header},${member}`;
    if (longer.length <= HEADER_CHARS_MAX) header = longer;
  }
  return header;
}

/** Half a surrogate pair has no form in a URI and is written as U+FFFD. */
function encode(text: unknown): string {
  return encodeURIComponent(Buffer.from(String(text)).toString());
}
