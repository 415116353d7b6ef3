// Recognises a call that follows the redirect of an earlier one: same request, and the very address that it was sent to.

import type { ActiveContext } from '../trace/span.js';

const PENDING_MAX = 64;

/** A call that was sent before, and is sent again. */
export interface Resend {
  /** The span id of the first attempt, as 16 hex digits. */
  firstSpanId: string;
  /** 1 for the second attempt. */
  count: number;
}

interface Redirect extends Resend {
  context: ActiveContext;
}

/** By the address that was told; the oldest give way, since nobody has to follow. */
const pending = new Map<string, Redirect>();

/**
 * Notes where a call was redirected to.
 * Outside of every request two calls cannot be told apart, so that nothing is noted.
 * @param url of the call that was redirected, and `location` as the answer gave it
 */
export function noteRedirect(
  context: ActiveContext | undefined,
  urls: { url: string; location: string },
  resend: Resend,
): void {
  if (context === undefined || !URL.canParse(urls.location, urls.url)) return;
  const target = new URL(urls.location, urls.url);
  target.hash = '';
  if (pending.size >= PENDING_MAX) {
    for (const oldest of pending.keys()) {
      pending.delete(oldest);
      break;
    }
  }
  pending.set(target.href, { ...resend, context });
}

/** Whether any redirect waits to be followed: mostly there is none, and no address needs to be put together. */
export function hasRedirects(): boolean {
  return pending.size > 0;
}

/** What a call to `url` follows, if it does. */
export function takeRedirect(context: ActiveContext | undefined, url: string): Resend | undefined {
  const redirect = pending.get(url);
  if (redirect === undefined || redirect.context !== context) return undefined;
  pending.delete(url);
  return redirect;
}

/** The value of the header in a flat list of names and values, or ''. Names and values may be bytes. */
export function locationIn(headers: readonly unknown[]): string {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] as string | Uint8Array;
    if (name.length === 8 && String(name).toLowerCase() === 'location') {
      return String(headers[i + 1]);
    }
  }
  return '';
}
