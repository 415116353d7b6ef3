// What is said of a library that the agent instruments itself: the row of the table of support, and its patches.

/** A change to one file of one package. */
export interface FilePatch {
  /** The `name` in its package.json; the folder may be called otherwise (npm aliases). */
  packageName: string;
  /** The file inside the package, with forward slashes: `lib/client.js`. */
  file: string;
  /** Whether it is also made to a file that was loaded before the agent, about which nobody then needs to be told. */
  isForLoaded?: boolean;
  /**
   * Changes the exports in place, or returns what is to take their place.
   * @param version of the package, or '' where its package.json does not say
   */
  patch: (exports: never, version: string) => unknown;
}

/** One library, in the versions that its patches were tested with. */
export interface Library {
  /** The `name` in its package.json, or of Node's own module: `node:http`. */
  name: string;
  /** `>=8.2.0 <9`: both ends run in the tests. Of Node's own modules `*`. */
  versions: string;
  /** What is recorded of waiting for a connection: `pg-pool.connect`; '' where the library has no pool. */
  poolWait: string;
  /** What the tests run it against: a real server, or what stands in for one, and why. */
  testedWith: string;
  /** A text of its code that no minifier changes, in all versions: by that a bundle with the library inside is known. */
  bundleMark?: string;
  /** Files that are changed as they are loaded. Those of the library itself only within `versions`. */
  patches: readonly FilePatch[];
}

/** Whether a version such as `8.16.3-beta.1` lies within a range of `>=a.b.c` and `<d`; '*' is every version. */
export function isWithin(version: string, range: string): boolean {
  if (range === '*') return true;
  return range.split(' ').every((bound) => {
    const match = /^(>=|<)(.+)$/.exec(bound);
    if (match === null) return false;
    const order = compare(version, match[2] as string);
    return match[1] === '>=' ? order >= 0 : order < 0;
  });
}

/** By major, minor and patch; pre-releases count as their release. */
function compare(left: string, right: string): number {
  const [a, b] = [numbersOf(left), numbersOf(right)];
  for (let i = 0; i < 3; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbersOf(version: string): number[] {
  return (version.split(/[-+]/)[0] as string).split('.').map(Number);
}
