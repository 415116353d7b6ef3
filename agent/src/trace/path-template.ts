// A path without what differs from request to request, for counting requests whose route is not known yet.

const SEGMENTS_MAX = 8;
const VERSION = /^v\d{1,2}$/;
const IDENTIFIER = /\d|^[0-9a-f-]{16,}$/i;

/** `/users/4711/orders` and `/users/4712/orders` come to the same. What follows the eighth segment is left out. */
export function pathTemplate(path: string): string {
  return path
    .split('/', SEGMENTS_MAX + 1)
    .map((segment) => (IDENTIFIER.test(segment) && !VERSION.test(segment) ? ':' : segment))
    .join('/');
}
