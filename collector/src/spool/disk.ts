// Files that survive a power cut: written, fsynced, and their folder fsynced before anybody is told.
import { open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';

/** Creates a file with these bytes and fsyncs it. Throws where the file exists already. */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the entries of a folder durable: names that were created, renamed or removed in it. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Renames within a folder and makes the new name durable. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncFolder(dirname(to));
}

/** Removes a file if it is there; what cannot be removed is found again at the next start. */
export async function removeQuietly(path: string): Promise<void> {
  await unlink(path).catch(() => undefined);
}

const readBytes = 1024 * 1024;

/** Copies files one after the other into a new one, fsyncs it, and returns the CRC32 of the whole. */
export async function joinFiles(sources: readonly string[], target: string): Promise<number> {
  const out = await open(target, 'w', 0o600);
  let sum = 0;
  try {
    for (const source of sources) {
      sum = await eachChunk(source, sum, async (chunk) => {
        await out.writeFile(chunk);
      });
    }
    await out.sync();
  } finally {
    await out.close();
  }
  return sum;
}

/** The CRC32 of a file. */
export function fileCrc32(path: string): Promise<number> {
  return eachChunk(path, 0, () => Promise.resolve());
}

async function eachChunk(
  path: string,
  seed: number,
  use: (chunk: Buffer) => Promise<void>,
): Promise<number> {
  const input = await open(path, 'r');
  const buffer = Buffer.allocUnsafe(readBytes);
  let sum = seed;
  try {
    for (;;) {
      const { bytesRead } = await input.read(buffer, 0, readBytes, null);
      if (bytesRead === 0) return sum;
      const chunk = buffer.subarray(0, bytesRead);
      sum = crc32(chunk, sum);
      await use(chunk);
    }
  } finally {
    await input.close();
  }
}
