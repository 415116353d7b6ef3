// Bundles the viewer into dashboards/dist/viewer: one script, one style sheet, the icon, each with a hash in its name.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const source = fileURLToPath(new URL('../dashboards/viewer/', import.meta.url));
const target = fileURLToPath(new URL('../dashboards/dist/viewer/', import.meta.url));

const styleSheets = [
  'theme',
  'bar',
  'panels',
  'table',
  'chart',
  'waterfall',
  'states',
  'dialogs',
  'narrow',
].map((name) => `./styles/${name}.css`);

const bundle = await build({
  entryPoints: [join(source, 'src', 'main.ts')],
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  write: false,
  legalComments: 'inline',
  logLevel: 'warning',
});
const styles = await build({
  stdin: {
    contents: ['uplot/dist/uPlot.min.css', ...styleSheets]
      .map((file) => `@import "${file}";`)
      .join(''),
    loader: 'css',
    resolveDir: source,
  },
  bundle: true,
  minify: true,
  write: false,
  logLevel: 'warning',
});

const assets = {
  'main.js': Buffer.from(bundle.outputFiles[0].contents),
  'main.css': Buffer.from(styles.outputFiles[0].contents),
  'icon.svg': readFileSync(join(source, 'icon.svg')),
};

// The compiler keeps its declarations in a folder beside these files.
mkdirSync(target, { recursive: true });
for (const entry of readdirSync(target, { withFileTypes: true })) {
  if (entry.isFile()) rmSync(join(target, entry.name));
}
const hashed = new Map();
// The script names the icon, so the icon's name must be known before the script's is made.
for (const name of ['icon.svg', 'main.css', 'main.js']) {
  const content = withNames(assets[name], name);
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 10);
  const hashedName = `${basename(name, extname(name))}-${hash}${extname(name)}`;
  writeFileSync(join(target, hashedName), content);
  hashed.set(name, hashedName);
}
writeFileSync(join(target, 'index.html'), withNames(readFileSync(join(source, 'index.html'))));

function withNames(content) {
  let text = content.toString('utf8');
  for (const [name, hashedName] of hashed) {
    text = text.replaceAll(`/assets/${name}`, `/assets/${hashedName}`);
  }
  return text;
}
