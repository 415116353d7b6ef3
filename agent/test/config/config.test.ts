// Options from the environment, and who the process says it is.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parsePairs, readConfig } from '../../src/config/config.js';
import { detectResource } from '../../src/config/resource.js';

describe('options', () => {
  it('have defaults, and ours win over the standard ones', () => {
    assert.equal(readConfig({}).endpoint, 'http://127.0.0.1:4318');
    const both = { VENTURI_ENDPOINT: 'http://a', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://b' };
    assert.equal(readConfig(both).endpoint, 'http://a');
    assert.equal(readConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://b' }).endpoint, 'http://b');
  });

  it('fall back to their defaults where they make no sense', () => {
    for (const value of ['abc', '-1', '1e12', '']) {
      assert.equal(readConfig({ VENTURI_FLUSH_INTERVAL_MS: value }).flushIntervalMs, 500, value);
    }
    assert.equal(readConfig({ VENTURI_WATCHDOG: 'off' }).watchdog, false);
    assert.equal(readConfig({ VENTURI_ENDPOINT: 'not a url' }).endpoint, 'http://127.0.0.1:4318');
  });

  it('may hold pairs', () => {
    assert.deepEqual(parsePairs('a=1, b=x%20y ,=z,c,d=%zz'), { a: '1', b: 'x y', d: '%zz' });
  });
});

describe('the resource', () => {
  it('is named by the environment, then package.json, then the script', () => {
    const folder = mkdtempSync(join(tmpdir(), 'venturi-resource-'));
    try {
      const script = join(folder, 'src', 'main.js');
      mkdirSync(join(folder, 'src'));
      writeFileSync(join(folder, 'package.json'), '{"name":"shop","version":"1.2.3"}');
      writeFileSync(join(folder, 'src', 'package.json'), '{"type":"module"}');
      const name = (env: Record<string, string>, main = script): unknown =>
        detectResource(readConfig(env), main).attributes['service.name'];
      assert.equal(name({}), 'shop');
      assert.equal(
        name({ OTEL_RESOURCE_ATTRIBUTES: 'service.name=from-attributes' }),
        'from-attributes',
      );
      assert.equal(name({ OTEL_SERVICE_NAME: 'given' }), 'given');
      assert.equal(name({}, join(tmpdir(), 'lonely.js')), 'lonely');
      const { attributes } = detectResource(readConfig({}), script);
      assert.equal(attributes['service.version'], '1.2.3');
      assert.equal(attributes['telemetry.sdk.name'], 'venturi');
      assert.equal(attributes['process.pid'], process.pid);
      assert.match(String(attributes['service.instance.id']), /^[0-9a-f-]{36}$/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("is the application's where the script is a framework's own command", () => {
    const folder = mkdtempSync(join(tmpdir(), 'venturi-resource-'));
    try {
      const command = join(folder, 'node_modules', 'next', 'dist', 'bin', 'next');
      mkdirSync(join(command, '..'), { recursive: true });
      writeFileSync(join(folder, 'package.json'), '{"name":"shop"}');
      writeFileSync(join(folder, 'node_modules', 'next', 'package.json'), '{"name":"next"}');
      const name = (workingFolder: string): unknown =>
        detectResource(readConfig({}), command, workingFolder).attributes['service.name'];
      assert.equal(name(folder), 'shop');
      // Started where no application is, it is what was asked for.
      assert.equal(name(tmpdir()), 'next');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
