// Files that an INSERT reads: named by the collector in its spool, or written from the body of a request.

import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, realpath, rm, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EngineException, exception } from './exception.js';

const bodiesFolder = 'engine-bodies';

/** What ClickHouse takes for a pattern in a file name; a path with one would match nothing, without an error. */
export const globCharacters = /[*?{}[\]\\]/;

/** Makes the folder for bodies and throws away what a crash has left in it. */
export async function prepareBodiesFolder(dataDir: string): Promise<void> {
  const folder = join(dataDir, bodiesFolder);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
}

/**
 * The path, relative to the data folder, of a file that the collector has named. Throws where it
 * lies outside of the spool, whatever links are on the way.
 */
export async function spoolFile(dataDir: string, header: string): Promise<string> {
  const spool = await realpath(join(dataDir, 'spool')).catch(() => undefined);
  const file = await realpath(decodeURIComponent(header)).catch(() => undefined);
  if (spool === undefined || file === undefined || !(await stat(file)).isFile()) {
    throw new EngineException(
      107,
      `Code: 107. DB::Exception: There is no file ${header} (FILE_DOESNT_EXIST)`,
    );
  }
  const inSpool = relative(spool, file);
  if (!/^[\w.,@+=-]+(?:\/[\w.,@+=-]+)*$/.test(inSpool) || inSpool.startsWith('..')) {
    throw exception(497, 'venturi-file must name a file inside the spool');
  }
  return join('spool', inSpool);
}

/**
 * Writes a body into a file of the data folder while `use` runs and removes it afterwards.
 * Throws where it is over `bytesMax`.
 */
export async function withBodyFile<T>(
  body: { dataDir: string; source: Readable; bytesMax: number },
  use: (path: string) => Promise<T>,
): Promise<T> {
  const path = join(bodiesFolder, `${randomUUID()}.data`);
  const file = join(body.dataDir, path);
  try {
    await pipeline(body.source, limit(body.bytesMax), createWriteStream(file, { mode: 0o600 }));
    return await use(path);
  } finally {
    await rm(file, { force: true });
  }
}

/** Passes bytes on until there are too many of them. */
function limit(bytesMax: number): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen <= bytesMax) done(null, chunk);
      else done(new EngineException(307, tooLarge(bytesMax)));
    },
  });
}

function tooLarge(bytesMax: number): string {
  return `Code: 307. DB::Exception: The body has more than ${bytesMax} bytes (TOO_MANY_BYTES)`;
}
