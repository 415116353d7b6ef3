// A call site short enough for a column: the function, the file and the line.

/** `function (path:line)`, as the locator and our queries write it; the path names a folder. */
const CALL_SITE = /^([^()]*) \([^()]*[\\/]([^\\/()]+:\d+)\)$/;

/** Leaves out the folders of a call site's path, which come first and would hide the rest; other text stays. */
export function shortCallSite(text: string): string {
  const [, name, place] = CALL_SITE.exec(text) ?? [];
  return name === undefined || place === undefined ? text : `${name} (${place})`;
}
