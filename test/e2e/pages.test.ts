// The five pages in a real browser on live data: drawn, without an error, and linked.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'puppeteer-core';
import { type AgentService, startUnderAgent } from './agent-service.js';
import { type BrowserPage, noBrowser, openBrowser } from './browser-page.js';
import { type CollectorRun, startCollector } from './collector-run.js';
import { encodeSpans, type SpanInput } from './otlp-spans.js';
import { ask } from './run-service.js';

const ROUTE = 'GET /orders/:id';
const STATEMENT = 'SELECT * FROM products WHERE id = $1';

let collector: CollectorRun;
let service: AgentService | undefined;
let browser: BrowserPage | undefined;
let page: Page;
let open: BrowserPage['open'];
let settled: BrowserPage['settled'];
let complaints: string[];
let url: string;
let emptyHint: unknown;

async function send(spans: SpanInput[]): Promise<void> {
  const answer = await fetch(`${url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: encodeSpans('shop', spans),
  });
  assert.equal(answer.status, 200, await answer.text());
}

const hex = (n: number, digits: number) => n.toString(16).padStart(digits, '0');

/** A request that runs the same statement twenty times: the plant that the locator is to find. */
function request(index: number, endMs: number): SpanInput[] {
  const traceId = hex(0xabc000 + index, 32);
  const startMs = endMs - 64;
  const prefix = hex(index + 1, 12);
  const root: SpanInput = {
    ...{ traceId, spanId: `${prefix}0001`, name: ROUTE, kind: 2, startMs, durationMs: 64 },
    attributes: {
      ...{ 'http.request.method': 'GET', 'http.route': '/orders/:id' },
      ...{ 'http.response.status_code': 200, 'url.path': '/orders/7' },
      ...{ 'venturi.db_count': 20, 'venturi.db_ms': 58.5, 'venturi.loop_busy_ms': 3.5 },
    },
  };
  const statements = Array.from(
    { length: 20 },
    (_, at): SpanInput => ({
      ...{ traceId, spanId: prefix + hex(at + 2, 4), parentId: `${prefix}0001` },
      ...{ name: 'SELECT products', kind: 3, startMs: startMs + 2 + at * 3, durationMs: 2.9 },
      attributes: {
        ...{
          'db.system.name': 'postgresql',
          'db.query.text': STATEMENT,
          'db.operation.name': 'SELECT',
        },
        ...{ 'db.collection.name': 'products', 'code.function.name': 'loadOrder' },
        ...{ 'code.file.path': '/app/orders.js', 'code.line.number': 42 },
      },
    }),
  );
  return [root, ...statements];
}

/** Titles of panels that show data without a way to the query it came from. */
async function panelsWithoutSql(): Promise<unknown> {
  return page.evaluate(
    `[...document.querySelectorAll('.panel:not(.panel-text)')]
      .filter((panel) => !panel.hidden && panel.querySelector('.sql-button').hidden)
      .map((panel) => panel.getAttribute('aria-label'))`,
  );
}

/** What the first page says before any request came, once the locator has looked and found nothing to look at. */
async function hintOfEmptyPage(): Promise<unknown> {
  await open('/');
  await page.waitForSelector('.panel[aria-label="Requests examined"][data-state="drawn"]');
  return page.$eval('.panel[aria-label="The bottleneck"]', (element) => element.textContent);
}

describe('the pages', { skip: noBrowser, timeout: 240_000 }, () => {
  before(async () => {
    collector = await startCollector();
    url = collector.url;
    service = await startUnderAgent({
      app: 'http-clock',
      endpoint: url,
      env: { VENTURI_METRICS_INTERVAL_MS: '500' },
    });
    browser = await openBrowser(url);
    ({ page, open, settled, complaints } = browser);
    emptyHint = await hintOfEmptyPage();
    await ask(new Array<string>(20).fill(service.url), 2);
    for (let index = 0; index < 40; index++) {
      await send(request(index, Date.now() - (40 - index) * 500));
    }
    const flushed = await fetch(`${url}/api/v1/flush`, { method: 'POST' });
    assert.equal(flushed.status, 200, await flushed.text());
  });
  after(async () => {
    await browser?.close();
    await service?.stop();
    await collector?.stop();
  });

  it('say that there is nothing yet, and whom to ask, instead of that there is no bottleneck', () => {
    assert.match(String(emptyHint), /No requests examined yet.*venturi doctor/);
  });

  it('name the bottleneck first, and lead from it to its trace', async () => {
    await page.goto(url, { waitUntil: 'load' });
    await page.waitForFunction(`document.body.textContent.includes('N+1 queries in ${ROUTE}')`, {
      timeout: 30_000,
    });
    // Each panel looks again at its own pace, so the table may come after the headline.
    // On a busy machine the other service has findings of its own, and a panel that is drawn anew moves.
    const link = await page.waitForFunction(
      `[...document.querySelectorAll('.panel[aria-label="Findings"] tr')]
        .find((row) => row.textContent.includes('N+1'))
        ?.querySelector('a[href*="var-trace_id="]')`,
      { timeout: 20_000 },
    );
    await link.evaluate((element) => (element as { click(): void } | undefined)?.click());
    await page.waitForFunction(`document.querySelectorAll('.waterfall .span').length >= 21`, {
      timeout: 20_000,
    });
    assert.match(page.url(), /\/d\/venturi-trace\?var-trace_id=[0-9a-f]{32}/);
    await page.click('.waterfall .span:nth-of-type(3) > button');
    const details = await page.$eval('.waterfall .details', (element) => element.textContent);
    assert.ok(details?.includes(STATEMENT));
  });

  it('draw their panels, without a complaint of the browser and without asking elsewhere', async () => {
    const traceId = hex(0xabc001, 32);
    const drawn: [path: string, panels: string[]][] = [
      ['/', ['The bottleneck', 'Requests examined', 'Findings', 'Evidence', 'Findings over time']],
      ['/d/venturi-services', ['Services', 'Requests', 'Duration, 95th percentile']],
      [
        '/d/venturi-service',
        ['In this time', 'Requests', 'Duration', 'Where the time goes', 'Routes', 'Statements'],
      ],
      [`/d/venturi-trace?var-trace_id=${traceId}`, ['The trace', 'Waterfall', 'Spans']],
      [
        '/d/venturi-runtime?var-service=clock',
        ['Highest in this time', 'Event loop delay', 'Event loop utilization', 'Processor', 'Heap'],
      ],
    ];
    for (const [path, panels] of drawn) {
      const states = await open(path);
      assert.deepEqual(await panelsWithoutSql(), [], path);
      for (const panel of panels) assert.equal(states[panel], 'drawn', `${path}: ${panel}`);
      const failed = Object.entries(states).filter(([, state]) => /failed|stale/.test(state));
      assert.deepEqual(failed, [], path);
    }
    assert.deepEqual(complaints, []);
  });

  it('fit a telephone: one panel below the other, and nothing beside the window', async () => {
    const wide = page.viewport();
    await page.setViewport({ width: 390, height: 844 });
    for (const name of ['bottlenecks', 'services', 'service', 'trace', 'runtime']) {
      await open(`/d/venturi-${name}`);
      const misfits = await page.evaluate(
        `[document.documentElement, ...document.querySelectorAll('.panel:not([hidden])')]
          .map((element) => ({ name: element.getAttribute('aria-label'), width: element.getBoundingClientRect().width }))
          .concat({ name: 'what can be scrolled', width: document.documentElement.scrollWidth })
          .filter(({ width }) => width < 360 || width > 390)`,
      );
      assert.deepEqual(misfits, [], name);
    }
    await page.setViewport(wide);
    assert.deepEqual(complaints, []);
  });

  it('show the SQL of a panel, and keep time and variables from page to page', async () => {
    await open('/d/venturi-service?var-service=shop&from=now-1h&to=now');
    await page.click('.panel[aria-label="Routes"] .sql-button');
    const sql = await page.$eval('dialog pre', (element) => element.textContent);
    assert.match(sql ?? '', /FROM venturi\.red_10s/);
    assert.doesNotMatch(sql ?? '', /\$__/);
    await page.keyboard.press('Escape');
    await page.click('nav a[href*="venturi-runtime"]');
    await settled();
    assert.match(page.url(), /venturi-runtime\?var-service=shop&from=now-1h&to=now/);
    assert.deepEqual(complaints, []);
  });
});
