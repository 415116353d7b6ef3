// Who sends: a resource's identity and the parts of it that have columns, remembered by its bytes.
import { createHash } from 'node:crypto';
import { Attribute, readKeyValue, TextForm } from '../wire/attribute.js';
import { Ranges } from '../wire/ranges.js';
import type { Reader } from '../wire/reader.js';

/** What rows carry of a resource. The two words are its 64-bit id, low word first. */
export interface Resource {
  readonly idLo: number;
  readonly idHi: number;
  readonly service: Buffer;
  readonly env: Buffer;
  readonly version: Buffer;
  readonly instance: Buffer;
  readonly host: Buffer;
  /** All attributes as text, sorted by key. */
  readonly attributes: ReadonlyArray<readonly [key: Buffer, value: Buffer]>;
}

/** Bytes of resources remembered; more than this at once is a bomb, not a fleet. */
const knownBytesMax = 16 * 1024 * 1024;
const serviceUnknown = Buffer.from('unknown_service');

export interface ResourceLimits {
  attributesMax: number;
  valueBytesMax: number;
}

export class ResourceReader {
  readonly #reader: Reader;
  readonly #limits: ResourceLimits;
  #knownBytes = 0;
  readonly #known = new Map<string, Resource>();
  readonly #attributes = new Ranges();
  readonly #attribute = new Attribute();
  readonly #text = new TextForm();

  constructor(reader: Reader, limits: ResourceLimits) {
    this.#reader = reader;
    this.#limits = limits;
  }

  /** Reads the Resource messages of one ResourceSpans; several merge, as protobuf says. */
  read(messages: Ranges): Resource {
    const { bytes } = this.#reader;
    let key = '';
    for (let index = 0; index < messages.count; index += 1) {
      key += bytes.toString('latin1', messages.start(index), messages.end(index));
    }
    const known = this.#known.get(key);
    if (known) return known;
    const resource = this.#decode(messages);
    this.#remember(key, resource);
    return resource;
  }

  #remember(key: string, resource: Resource): void {
    if (this.#knownBytes + key.length > knownBytesMax) {
      this.#known.clear();
      this.#knownBytes = 0;
    }
    if (key.length > knownBytesMax) return;
    this.#known.set(key, resource);
    this.#knownBytes += key.length;
  }

  /** Resource: 1 attributes (repeated KeyValue). */
  #decode(messages: Ranges): Resource {
    const reader = this.#reader;
    this.#attributes.clear();
    for (let index = 0; index < messages.count; index += 1) {
      const end = messages.end(index);
      reader.pos = messages.start(index);
      while (reader.next(end)) {
        if (reader.field !== 1) {
          reader.skip(end);
          continue;
        }
        const stop = reader.delimited(end);
        this.#attributes.push(reader.pos, stop);
        reader.pos = stop;
      }
    }
    return describe(this.#texts());
  }

  #texts(): Map<string, Buffer> {
    const texts = new Map<string, Buffer>();
    for (let index = 0; index < this.#attributes.count; index += 1) {
      this.#reader.pos = this.#attributes.start(index);
      readKeyValue(this.#reader, this.#attributes.end(index), this.#attribute);
      const { keyStart, keyEnd } = this.#attribute;
      const key = this.#reader.bytes.toString('utf8', keyStart, keyEnd);
      const slice = this.#text.of(this.#reader, this.#attribute);
      slice.limit(this.#limits.valueBytesMax);
      // Those that are over the limit are read as well, so that what is malformed is always found.
      if (texts.size >= this.#limits.attributesMax && !texts.has(key)) continue;
      // A copy: the resource outlives the request.
      texts.set(key, Buffer.from(slice.source.subarray(slice.start, slice.end)));
    }
    return texts;
  }
}

function describe(texts: Map<string, Buffer>): Resource {
  const sorted = [...texts].sort(([a], [b]) => (a < b ? -1 : 1));
  const hash = createHash('sha256');
  const attributes = sorted.map(([name, value]) => {
    const key = Buffer.from(name);
    // Lengths go in too, so that no two different lists make the same bytes.
    hash.update(`${key.length}:${value.length}:`).update(key).update(value);
    return [key, value] as const;
  });
  const digest = hash.digest();
  const first = (...keys: string[]): Buffer => {
    for (const key of keys) {
      const value = texts.get(key);
      if (value && value.length > 0) return value;
    }
    return Buffer.alloc(0);
  };
  const service = first('service.name');
  return {
    idLo: digest.readUInt32LE(0),
    idHi: digest.readUInt32LE(4),
    service: service.length > 0 ? service : serviceUnknown,
    env: first('deployment.environment.name', 'deployment.environment'),
    version: first('service.version'),
    instance: first('service.instance.id'),
    host: first('host.name'),
    attributes,
  };
}
