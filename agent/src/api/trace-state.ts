// The W3C `tracestate` list as the API shows it (https://www.w3.org/TR/trace-context/#tracestate-header).

import type { TraceState } from '@opentelemetry/api';

const MEMBERS_MAX = 32;
const CHARS_MAX = 512;
const KEY = /^(?:[a-z][_0-9a-z\-*/]{0,255}|[a-z0-9][_0-9a-z\-*/]{0,240}@[a-z][_0-9a-z\-*/]{0,13})$/;
const VALUE = /^(?:[ -+\--<>-~]{0,255}[!-+\--<>-~])$/;

/** An immutable list of members, the latest first. */
export class W3CTraceState implements TraceState {
  readonly #members: ReadonlyMap<string, string>;

  private constructor(members: ReadonlyMap<string, string>) {
    this.#members = members;
  }

  /** Reads a header; members that break the rules are left out, and what is beyond the limits. */
  static parse(header: string): W3CTraceState {
    const members = new Map<string, string>();
    let chars = 0;
    for (const part of header.split(',')) {
      const member = part.trim();
      const at = member.indexOf('=');
      if (at === -1) continue;
      const key = member.slice(0, at);
      const value = member.slice(at + 1);
      if (!KEY.test(key) || !VALUE.test(value) || members.has(key)) continue;
      const length = member.length + (members.size > 0 ? 1 : 0);
      if (chars + length > CHARS_MAX) continue;
      members.set(key, value);
      chars += length;
      if (members.size >= MEMBERS_MAX) break;
    }
    return new W3CTraceState(members);
  }

  get(key: string): string | undefined {
    return this.#members.get(key);
  }

  /** The list with the member in front; the same list where the member or the whole would break the rules. */
  set(key: string, value: string): W3CTraceState {
    if (!KEY.test(key) || !VALUE.test(value)) return this;
    const members = new Map([[key, value]]);
    for (const [other, its] of this.#members) if (other !== key) members.set(other, its);
    const next = new W3CTraceState(members);
    return next.serialize().length > CHARS_MAX || members.size > MEMBERS_MAX ? this : next;
  }

  unset(key: string): W3CTraceState {
    if (!this.#members.has(key)) return this;
    const members = new Map(this.#members);
    members.delete(key);
    return new W3CTraceState(members);
  }

  /** The header. */
  serialize(): string {
    return [...this.#members].map(([key, value]) => `${key}=${value}`).join(',');
  }
}
