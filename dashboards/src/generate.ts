// Writes generated/*.json, or compares them with what the sources give: node generate.js [--check]
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BOARDS } from './boards/all.js';
import { renderDashboard } from './grafana/dashboard.js';
import { QUERIES } from './queries/catalog.js';

/** Compiled, this file is dist/src/generate.js in the package's folder. */
export const GENERATED_DIR = fileURLToPath(new URL('../../generated', import.meta.url));

/** File contents by file name. Throws where a board asks for an unknown query, or no board for a known one. */
export function renderAll(): Map<string, string> {
  const asked = new Set<string>();
  const sqlOf = (name: string) => {
    const sql = QUERIES[name];
    if (sql === undefined) throw new Error(`No query is called ${name}; see queries/catalog.ts.`);
    asked.add(name);
    return sql;
  };
  const files = new Map(
    BOARDS.map((board) => [
      `${board.uid}.json`,
      `${JSON.stringify(renderDashboard(board, sqlOf), null, 2)}\n`,
    ]),
  );
  const unused = Object.keys(QUERIES).filter((name) => !asked.has(name));
  if (unused.length > 0) throw new Error(`No board shows these queries: ${unused.join(', ')}.`);
  return files;
}

/** Names of files in `dir` that differ from `files`, are missing, or should not be there. */
export function staleFiles(dir: string, files: Map<string, string>): string[] {
  const present = new Set(readdirSync(dir).filter((name) => name.endsWith('.json')));
  const extra = [...present].filter((name) => !files.has(name));
  const changed = [...files].filter(
    ([name, text]) => !present.has(name) || readFileSync(join(dir, name), 'utf8') !== text,
  );
  return [...changed.map(([name]) => name), ...extra].sort();
}

function write(dir: string, files: Map<string, string>): void {
  mkdirSync(dir, { recursive: true });
  for (const name of staleFiles(dir, files)) {
    const text = files.get(name);
    if (text === undefined) rmSync(join(dir, name));
    else writeFileSync(join(dir, name), text);
  }
}

function main(check: boolean): void {
  const files = renderAll();
  if (!check) {
    write(GENERATED_DIR, files);
    return;
  }
  const stale = staleFiles(GENERATED_DIR, files);
  if (stale.length === 0) return;
  process.stderr.write(
    `dashboards/generated is stale: ${stale.join(', ')}. Run: npm run generate\n`,
  );
  process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.includes('--check'));
