// A call site short enough for a column: the function, and the file with the folder it lies in.

/** `function (path:line)`, as the locator and our queries write it; the path has at least two folders. */
const CALL_SITE = /^([^()]*) \((?:[^()]*[\\/])([^\\/()]+[\\/][^\\/()]+:\d+)\)$/;

/** Leaves out the front of a call site's path, the end of which tells more; any other text stays as it is. */
export function shortCallSite(text: string): string {
  const [, name, place] = CALL_SITE.exec(text) ?? [];
  return name === undefined || place === undefined ? text : `${name} (${place})`;
}
