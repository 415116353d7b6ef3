// Options: where their values come from, and what is said about wrong ones.
import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { OPTIONS, type Option } from '../../src/config/options.js';
import { parseConfig } from '../../src/config/parse.js';

test('without anything given every option has its default', () => {
  const config = parseConfig({ env: {}, argv: [] });
  assert.equal(config.port, 4318);
  assert.equal(config.enginePort, 8123);
  assert.equal(config.portSearch, false);
  assert.equal(config.clickhouseUrl, '');
  assert.equal(config.dataDir, join(homedir(), '.local', 'share', 'venturi'));
});

test('a flag goes before the environment, the environment before the default', () => {
  const env = { VENTURI_PORT: '5000', VENTURI_HOST: '0.0.0.0', VENTURI_ENGINE_PORT: '' };
  const config = parseConfig({ env, argv: ['--port', '6000', '--port-search'] });
  assert.equal(config.port, 6000);
  assert.equal(config.host, '0.0.0.0');
  assert.equal(config.enginePort, 8123);
  assert.equal(config.portSearch, true);
  assert.equal(parseConfig({ env, argv: ['--port=7000'] }).port, 7000);
});

test('folders are made absolute, and a relative XDG_DATA_HOME is ignored', () => {
  const dataDir = (env: Record<string, string>) => parseConfig({ env, argv: [] }).dataDir;
  assert.equal(dataDir({ XDG_DATA_HOME: '/data' }), '/data/venturi');
  assert.equal(dataDir({ XDG_DATA_HOME: 'data' }), join(homedir(), '.local/share/venturi'));
  assert.equal(dataDir({ VENTURI_DATA_DIR: 'here' }), resolve('here'));
  assert.equal(dataDir({ VENTURI_DATA_DIR: '~/there' }), join(homedir(), 'there'));
});

test('what cannot be used is refused with the name of the option and what it may be', () => {
  const refused = (env: Record<string, string>, argv: string[], message: RegExp) =>
    assert.throws(() => parseConfig({ env, argv }), { code: 'CONFIG_INVALID', message });
  refused({ VENTURI_PORT: '70000' }, [], /VENTURI_PORT is '70000'.*from 0 to 65535/);
  refused({ VENTURI_PORT: '1e3' }, [], /whole number/);
  refused({ VENTURI_PORT_SEARCH: 'maybe' }, [], /must be 1 or 0/);
  refused({ VENTURI_LOG_LEVEL: 'loud' }, [], /one of trace, debug/);
  refused({ VENTURI_CLICKHOUSE_URL: 'nowhere' }, [], /not a URL/);
  refused({}, ['--prot', '1'], /unknown argument --prot/);
  refused({}, ['stray'], /unknown argument stray/);
  refused({}, ['--port'], /--port needs a value/);
});

test('names follow from each other, and every default is within its range', () => {
  for (const [name, option] of Object.entries<Option>(OPTIONS)) {
    assert.equal(option.env, `VENTURI_${option.flag.toUpperCase().replaceAll('-', '_')}`);
    assert.equal(
      option.flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()),
      name,
    );
    assert.match(option.doc, /^[A-Z].*[.]$/s, name);
    if (option.kind !== 'integer') continue;
    assert.ok(option.default >= option.min && option.default <= option.max, name);
  }
});
