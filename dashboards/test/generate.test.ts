// What is committed is what the sources give, and nothing that Grafana or the viewer would stumble over.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { GENERATED_DIR, renderAll, staleFiles } from '../src/generate.js';
import type { DashboardJson, PanelJson } from '../src/model/grafana-json.js';
import { PAGES } from '../src/model/navigation.js';

const files = renderAll();
const dashboards = [...files.values()].map((text) => JSON.parse(text) as DashboardJson);

/** Macros that every version of the datasource since 4.5 knows. */
const SAFE_MACROS = new Set([
  ...['timeFilter', 'timeFilter_ms', 'dateFilter', 'dateTimeFilter', 'dt', 'fromTime', 'toTime'],
  ...['fromTime_ms', 'toTime_ms', 'timeInterval', 'timeInterval_ms', 'interval_s'],
]);
const PANEL_TYPES = new Set(['timeseries', 'stat', 'table', 'traces', 'text']);

function queriesOf(dashboard: DashboardJson): string[] {
  const variables = dashboard.templating.list as unknown as { query: { rawSql?: string } }[];
  return [
    ...dashboard.panels.flatMap((panel) => (panel.targets ?? []).map((target) => target.rawSql)),
    ...variables.flatMap(({ query }) => query?.rawSql ?? []),
  ];
}

describe('the generated dashboards', () => {
  it('are the committed ones', () => {
    assert.deepEqual(staleFiles(GENERATED_DIR, files), []);
  });

  it('are found stale where a file was changed, is missing or should not be there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'venturi-generated-'));
    try {
      const [first = '', second = '', ...rest] = files.keys();
      for (const name of [first, ...rest])
        await writeFile(join(folder, name), files.get(name) ?? '');
      await writeFile(join(folder, first), '{}');
      await writeFile(join(folder, 'z-old.json'), '{}');
      assert.deepEqual(staleFiles(folder, files), [first, second, 'z-old.json'].sort());
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('are the five pages, each with links to all', () => {
    assert.deepEqual(
      dashboards.map(({ uid }) => uid),
      PAGES.map(({ uid }) => uid),
    );
    for (const { links } of dashboards) {
      assert.deepEqual(
        links.map(({ url }) => url),
        PAGES.map(({ uid }) => `/d/${uid}`),
      );
    }
  });

  it('use no macro and no way to write a variable but the safe ones', () => {
    for (const dashboard of dashboards) {
      const names = new Set(dashboard.templating.list.map(({ name }) => name));
      for (const sql of queriesOf(dashboard)) {
        for (const [, macro = ''] of sql.matchAll(/\$__(\w+)/g)) {
          assert.ok(SAFE_MACROS.has(macro), `${dashboard.uid}: $__${macro}`);
        }
        const safe = /decodeURLComponent\('\$\{(\w+):percentencode\}'\)/g;
        for (const [, name = ''] of sql.matchAll(safe)) assert.ok(names.has(name), name);
        assert.doesNotMatch(sql.replace(safe, '').replace(/\$__\w+/g, ''), /\$\{|\$[a-z_]|\[\[/i);
        assert.match(sql, /tenant = 'default'/);
      }
    }
  });

  it('give every panel an id, a place without overlap, a description, and a datasource that is a variable', () => {
    for (const { uid, panels, templating } of dashboards) {
      assert.ok(
        templating.list.some(({ type, name }) => type === 'datasource' && name === 'datasource'),
      );
      assert.deepEqual(
        panels.map(({ id }) => id),
        panels.map((_, index) => index + 1),
      );
      for (const panel of panels) {
        assert.ok(PANEL_TYPES.has(panel.type), panel.type);
        assert.ok(panel.description, panel.title);
        assert.ok(panel.gridPos.x + panel.gridPos.w <= 24);
        for (const other of panels)
          assert.ok(panel === other || apart(panel, other), `${uid}: ${panel.title}`);
        for (const target of panel.targets ?? []) {
          const { datasource, editorType } = target as unknown as Record<string, { uid: string }>;
          assert.equal(datasource?.uid, `\${datasource}`);
          assert.equal(editorType, 'sql');
        }
      }
    }
  });
});

function apart({ gridPos: a }: PanelJson, { gridPos: b }: PanelJson): boolean {
  return a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
}
