// What an entry span says of the statements that its request repeated, or needlessly ran one after the other.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { App } from '../support/app.js';
import { FakeCollector } from '../support/fake-collector.js';
import { type Postgres, startPostgres } from '../support/postgres.js';
import { type RequestSpans, spansOf } from '../support/request-spans.js';

const FIXTURE = join(__dirname, '..', '..', '..', 'test', 'fixtures', 'repeats.cjs');

type Attributes = RequestSpans['entry']['attributes'];
const loop = (attributes: Attributes, name: string): unknown =>
  attributes[`venturi.n_plus_one.${name}`];
const twice = (attributes: Attributes, name: string): unknown =>
  attributes[`venturi.duplicate_queries.${name}`];
const serial = (attributes: Attributes, name: string): unknown =>
  attributes[`venturi.serial_awaits.${name}`];

describe('repeated statements', { concurrency: false }, () => {
  const collector = new FakeCollector();
  let postgres: Postgres;
  let app: App;

  const run = async (path: string): Promise<RequestSpans> => {
    const { body } = await app.get(path);
    assert.equal(body, 'ok');
    return spansOf(collector, path.split('?')[0] as string);
  };
  const paid = async (path: string): Promise<Attributes> => (await run(path)).entry.attributes;

  before(async () => {
    postgres = await startPostgres();
    await collector.listen();
    app = new App({ fixture: FIXTURE, collector, env: postgres.env });
  });
  after(async () => {
    await app.stop();
    await collector.close();
    await postgres.stop();
  });

  it('are counted, with their time and the line that they come from', async () => {
    const { entry, spans } = await run('/loop');
    const { attributes } = entry;
    assert.equal(loop(attributes, 'count'), 12);
    const statements = spans.filter(({ name }) => name === 'SELECT');
    assert.equal(
      loop(attributes, 'fingerprint'),
      statements[0]?.attributes['venturi.db.fingerprint'],
    );
    assert.ok(Math.abs(Number(loop(attributes, 'ms')) - Number(attributes['venturi.db_ms'])) < 0.1);
    assert.equal(loop(attributes, 'file'), FIXTURE);
    const source = readFileSync(FIXTURE, 'utf8').split('\n');
    assert.match(source[Number(loop(attributes, 'line')) - 1] as string, /const one =/);
    assert.equal(loop(attributes, 'function'), 'one');
    assert.equal(loop(attributes, 'confidence'), 1);
  });

  it('that come from two lines make the line less certain', async () => {
    const attributes = await paid('/two-lines');
    assert.equal(loop(attributes, 'count'), 20);
    assert.ok(Number(loop(attributes, 'confidence')) < 1);
  });

  it('are counted where they run side by side, on one client, and with literals in their text', async () => {
    assert.equal(loop(await paid('/parallel'), 'count'), 12);
    const onClient = await paid('/client');
    assert.equal(loop(onClient, 'count'), 6);
    assert.equal(loop(onClient, 'file'), FIXTURE);
    assert.equal(loop(await paid('/literals'), 'count'), 6);
  });

  it('are not worth a word where they are few, or all different', async () => {
    assert.equal(loop(await paid('/few'), 'count'), undefined);
    const many = await paid('/many');
    assert.equal(many['venturi.db_count'], 60);
    assert.equal(loop(many, 'count'), undefined);
  });

  it('with the same values are duplicates, unless something was written in between', async () => {
    const attributes = await paid('/duplicates');
    assert.equal(twice(attributes, 'count'), 2);
    assert.ok(Number(twice(attributes, 'ms')) > 0);
    assert.match(String(twice(attributes, 'fingerprint')), /^[\da-f]{16}$/);
    assert.equal(twice(await paid('/written'), 'count'), undefined);
    assert.equal(twice(await paid('/few?'), 'count'), undefined);
  });

  it('are said to wait for nothing where their values were known before, and how sure that is', async () => {
    // Code that runs for the first time is slow enough to look like work between the two.
    let attributes: Attributes = {};
    for (let i = 0; i < 20 && serial(attributes, 'count') !== 2; i++) {
      collector.spans.length = 0;
      attributes = await paid('/serial');
    }
    assert.equal(serial(attributes, 'count'), 2);
    assert.ok(Number(serial(attributes, 'ms')) > 0);
    const confidence = Number(serial(attributes, 'confidence'));
    assert.ok(confidence >= 0.5 && confidence <= 0.7, String(confidence));
  });

  it('are not said to where the values are new, or one connection is all they have', async () => {
    assert.equal(serial(await paid('/dependent'), 'count'), undefined);
    assert.equal(serial(await paid('/transaction'), 'count'), undefined);
    assert.equal(serial(await paid('/parallel'), 'count'), undefined);
  });

  it('that wait for a connection are counted', async () => {
    const attributes = await paid('/waits');
    assert.equal(attributes['venturi.pool_wait_count'], 2);
    assert.ok(Number(attributes['venturi.pool_wait_ms']) >= 10);
  });
});
