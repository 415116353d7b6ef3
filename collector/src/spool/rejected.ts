// The folder of what could not be stored: each file with the reason beside it, within a bound.
import { mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Log } from '../self/log.js';
import { removeQuietly } from './disk.js';

/** Most bytes that are kept for somebody to look at; the oldest go first. */
const rejectedBytesMax = 256 * 1024 * 1024;

export class RejectedFolder {
  readonly #folder: string;
  readonly #log: Log;

  constructor(folder: string, log: Log) {
    this.#folder = folder;
    this.#log = log;
  }

  /** Moves a file here, under `<label>.<its name>`, and writes the reason to `<that>.error`. */
  async take(path: string, about: { label: string; reason: string }): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const target = join(this.#folder, `${about.label}.${basename(path)}`);
    await rename(path, target);
    this.#log.error({ file: target, reason: about.reason }, 'a spool file was set aside');
    // The reason is for a person; without space for it the file itself still is out of the way.
    await writeFile(`${target}.error`, `${about.reason}\n`).catch(() => undefined);
    await this.#trim();
  }

  async #trim(): Promise<void> {
    const files: { path: string; bytes: number; at: number }[] = [];
    for (const entry of await readdir(this.#folder)) {
      const path = join(this.#folder, entry);
      const { size, mtimeMs } = await stat(path);
      files.push({ path, bytes: size, at: mtimeMs });
    }
    let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    for (const file of files.sort((a, b) => a.at - b.at)) {
      if (bytes <= rejectedBytesMax) return;
      await removeQuietly(file.path);
      bytes -= file.bytes;
      this.#log.warn({ file: file.path }, 'a rejected file was removed to stay within the bound');
    }
  }
}
