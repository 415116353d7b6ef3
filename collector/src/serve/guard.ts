// Keeps other web sites away from the API: a page that somebody has open elsewhere must not read or steer it.
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { FastifyRequest } from 'fastify';
import { VenturiError } from '../self/errors.js';

/**
 * Refuses requests for a host name that is not ours and requests that another site's page sends.
 *
 * A site can point a name of its own at 127.0.0.1 (DNS rebinding), but then the browser sends that name as Host; an
 * address can't be rebound. So addresses, localhost, this machine's name and the configured name pass.
 */
export function guardOf(configuredHost: string): (request: FastifyRequest) => Promise<void> {
  const ours = new Set(['localhost', hostname().toLowerCase(), configuredHost.toLowerCase()]);
  return async (request) => {
    const name = hostnameOf(`http://${request.headers.host ?? ''}`);
    if (
      name === undefined ||
      !(ours.has(name) || isIP(name) !== 0 || name.endsWith('.localhost'))
    ) {
      refuse(
        `the host ${request.headers.host ?? ''} is not this collector; set VENTURI_HOST to its name`,
      );
    }
    const { origin } = request.headers;
    if (origin !== undefined && originHost(origin) !== request.headers.host) {
      refuse(`the origin ${origin} is another site`);
    }
    const site = request.headers['sec-fetch-site'];
    const navigates = request.headers['sec-fetch-mode'] === 'navigate';
    if ((site === 'cross-site' || site === 'same-site') && !navigates) {
      refuse('another site asked for it');
    }
  };
}

function hostnameOf(url: string): string | undefined {
  try {
    return new URL(url).hostname.replace(/^\[|\]$/g, '').toLowerCase();
  } catch {
    return undefined;
  }
}

function originHost(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}

function refuse(detail: string): never {
  throw new VenturiError('CALLER_REFUSED', { detail });
}
