// Where outgoing calls go: their origins, and the methods that are called there.

import { CallSiteGate } from './call-site.js';

/** All bounds are against services that call hosts which others name. */
const TARGETS_MAX = 512;
const METHODS_MAX = 32;

/** One method at one origin. */
export class TargetMethod {
  readonly gate = new CallSiteGate();
  /** By status code, 0 for none. Filled by whoever encodes them. */
  readonly headings = new Map<number, Uint8Array>();

  constructor(
    readonly name: string,
    readonly target: Target,
  ) {}
}

/** One origin. */
export class Target {
  /** `http://host:port` without credentials; a default port is left out. */
  readonly origin: string;
  /** The host's name or address, without brackets. */
  readonly address: string;
  readonly port: number;
  readonly #methods = new Map<string, TargetMethod>();

  constructor(protocol: string, host: string, port: number) {
    const isDefault = port === defaultPort(protocol);
    this.address = host.startsWith('[') ? host.slice(1, -1) : host;
    this.port = port;
    const name = this.address.includes(':') ? `[${this.address}]` : this.address;
    this.origin = `${protocol}//${name}${isDefault || port === 0 ? '' : `:${port}`}`;
  }

  /** What calls of this method have in common. */
  method(method: string): TargetMethod {
    let found = this.#methods.get(method);
    if (found === undefined) {
      if (this.#methods.size >= METHODS_MAX) this.#methods.clear();
      found = new TargetMethod(method, this);
      this.#methods.set(method, found);
    }
    return found;
  }
}

interface Addressed {
  protocol: string;
  host: string;
  target: Target;
}

const byHostHeader = new Map<string, Addressed>();
const byOrigin = new Map<string, Target>();

/**
 * The target of a request of node:http, which knows its host and, of the port, only what stands in the Host header.
 * @param hostHeader '' where there is none: then the port is taken to be the protocol's own
 */
export function targetOfRequest(protocol: string, host: string, hostHeader: string): Target {
  const known = byHostHeader.get(hostHeader);
  if (known !== undefined && known.host === host && known.protocol === protocol) {
    return known.target;
  }
  const match = /:(\d{1,5})$/.exec(hostHeader);
  const port = match === null ? defaultPort(protocol) : Number(match[1]);
  const target = new Target(protocol, host, port);
  if (byHostHeader.size >= TARGETS_MAX) byHostHeader.clear();
  byHostHeader.set(hostHeader, { protocol, host, target });
  return target;
}

/** The target of an origin such as `https://example.com`. */
export function targetOfOrigin(origin: string | URL): Target {
  const key = typeof origin === 'string' ? origin : origin.origin;
  let target = byOrigin.get(key);
  if (target === undefined) {
    const { protocol, hostname, port } = new URL(key);
    target = new Target(protocol, hostname, port === '' ? defaultPort(protocol) : Number(port));
    if (byOrigin.size >= TARGETS_MAX) byOrigin.clear();
    byOrigin.set(key, target);
  }
  return target;
}

function defaultPort(protocol: string): number {
  return protocol === 'https:' ? 443 : 80;
}
