// Puts the agent into NODE_OPTIONS without losing what is there.
import { pathToFileURL } from 'node:url';

/** NODE_OPTIONS with `--require <file>` behind what was there. */
export function withRequire(nodeOptions: string | undefined, file: string): string {
  return withOption(nodeOptions, '--require', file);
}

/** NODE_OPTIONS with `--import <URL of the file>` behind what was there. */
export function withImport(nodeOptions: string | undefined, file: string): string {
  return withOption(nodeOptions, '--import', pathToFileURL(file).href);
}

/** Node splits the value at blanks, except inside double quotes, where a backslash escapes. */
function withOption(nodeOptions: string | undefined, name: string, value: string): string {
  const quoted = /[\s"\\]/.test(value)
    ? `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
    : value;
  const before = nodeOptions?.trim() ?? '';
  return `${before === '' ? '' : `${before} `}${name} ${quoted}`;
}

/** The files that NODE_OPTIONS has Node load beforehand, by `--require`, `-r` or `--import`. */
export function preloadedFiles(nodeOptions: string): string[] {
  const words = splitOptions(nodeOptions);
  const files: string[] = [];
  words.forEach((word, i) => {
    const match = /^(?:--require|-r|--import)(?:=(.*))?$/s.exec(word);
    if (!match) return;
    const file = match[1] ?? words[i + 1];
    if (file !== undefined) files.push(file);
  });
  return files;
}

function splitOptions(text: string): string[] {
  const words: string[] = [];
  for (const [word] of text.matchAll(/(?:"(?:[^"\\]|\\.)*"|[^\s"])+/gs)) {
    words.push(
      word.replace(/"((?:[^"\\]|\\.)*)"/gs, (_, inner: string) => inner.replace(/\\(.)/gs, '$1')),
    );
  }
  return words;
}
