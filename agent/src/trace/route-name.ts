// The name of a request's span: its method and its route.

const ROUTE_NAMES_MAX = 512;
/** Names by route, then by method, because they would be concatenated anew for every request. */
const routeNames = new Map<string, Map<string, string>>();

/** `GET /orders/:id` */
export function routeName(method: string, route: string): string {
  let byMethod = routeNames.get(route);
  if (byMethod === undefined) {
    if (routeNames.size >= ROUTE_NAMES_MAX) routeNames.clear();
    byMethod = new Map();
    routeNames.set(route, byMethod);
  }
  let name = byMethod.get(method);
  if (name === undefined) {
    name = `${method} ${route}`;
    byMethod.set(method, name);
  }
  return name;
}
