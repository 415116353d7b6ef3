// From the end of a request to its row on the page: service, agent, collector, ClickHouse and browser, all real.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type AgentService, startUnderAgent } from './agent-service.js';
import { type BrowserPage, noBrowser, openBrowser } from './browser-page.js';
import { type CollectorRun, startCollector } from './collector-run.js';

const REQUESTS = 24;
/** No multiple of the agent's flush or of the page's second, so that requests end at any moment of either. */
const pauseMs = 370;
const p95MsMax = 3000;
/** How long a row is waited for before it counts as never seen. */
const patienceMs = 15_000;
/** The agent's clock is monotonic and was set at its start, so it may stand apart from ours by this much. */
const clockSlackMs = 100;

interface Asked {
  traceId: string;
  fromMs: number;
  toMs: number;
}

let collector: CollectorRun | undefined;
let service: AgentService | undefined;
let browser: BrowserPage | undefined;

/** One request in a trace of our own, so that its row can be told from others. */
async function ask(url: string): Promise<Asked> {
  const traceId = randomBytes(16).toString('hex');
  const traceparent = `00-${traceId}-${randomBytes(8).toString('hex')}-01`;
  const fromMs = Date.now();
  const response = await fetch(url, { headers: { traceparent } });
  await response.text();
  return { traceId, fromMs, toMs: Date.now() };
}

/**
 * The browser itself notes when a trace's row first stands inside its panel and inside the window, by this machine's
 * clock; asking it from here would add the time of the question.
 */
const WATCH = `
  window.firstSeen = {};
  const panel = document.querySelector('.panel[aria-label="Latest requests"]');
  panel.scrollIntoView({ block: 'center' });
  setInterval(() => {
    const frame = panel.getBoundingClientRect();
    const bottom = Math.min(frame.bottom, innerHeight);
    for (const link of panel.querySelectorAll('a[href*="var-trace_id="]')) {
      const row = link.getBoundingClientRect();
      const isSeen = link.checkVisibility() && row.top >= Math.max(frame.top, 0) && row.bottom <= bottom;
      if (isSeen) window.firstSeen[new URL(link.href).searchParams.get('var-trace_id')] ??= Date.now();
    }
  }, 20);`;

/** Moments at which the rows of these traces were first seen, once all were or patience is over. */
async function firstSeen({ page }: BrowserPage, asked: Asked[]): Promise<Record<string, number>> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const seen = (await page.evaluate('window.firstSeen')) as Record<string, number>;
    const all = asked.every(({ traceId }) => seen[traceId] !== undefined);
    if (all || Date.now() > deadline) return seen;
    await delay(100);
  }
}

/** When the entry span of each trace ended, as the agent recorded it. */
async function recordedEnds({ select }: CollectorRun): Promise<Map<string, number>> {
  const rows = await select<{ trace: string; endMs: number }>(
    `SELECT lower(hex(trace_id)) AS trace, (toUnixTimestamp64Nano(ts) + duration_ns) / 1e6 AS endMs
     FROM venturi.spans WHERE service = 'clock' AND is_entry`,
  );
  return new Map(rows.map(({ trace, endMs }) => [trace, endMs]));
}

describe('a request', { skip: noBrowser, timeout: 180_000 }, () => {
  before(async () => {
    collector = await startCollector();
    service = await startUnderAgent({ app: 'http-clock', endpoint: collector.url });
    browser = await openBrowser(collector.url);
  });
  after(async () => {
    await browser?.close();
    await service?.stop();
    await collector?.stop();
  });

  it('is on the page within three seconds of its end, for 95 of 100', async (t) => {
    assert.ok(collector && service && browser);
    await ask(service.url);
    await browser.open('/d/venturi-service?var-service=clock');
    await browser.page.waitForSelector('.panel[aria-label="Latest requests"][data-state="drawn"]');
    await browser.page.evaluate(WATCH);

    const asked: Asked[] = [];
    for (let index = 0; index < REQUESTS; index++) {
      asked.push(await ask(service.url));
      await delay(pauseMs);
    }
    const seen = await firstSeen(browser, asked);
    const ends = await recordedEnds(collector);
    const tookMs = asked.map(({ traceId, fromMs, toMs }) => {
      const endMs = ends.get(traceId) ?? Number.NaN;
      const isPlausible = endMs >= fromMs - clockSlackMs && endMs <= toMs + clockSlackMs;
      assert.ok(isPlausible, `the span ended at ${endMs}, asked from ${fromMs} to ${toMs}`);
      return Math.round((seen[traceId] ?? Number.POSITIVE_INFINITY) - endMs);
    });
    tookMs.sort((a, b) => a - b);
    const at = (part: number) => tookMs[Math.ceil(tookMs.length * part) - 1] ?? Number.NaN;
    t.diagnostic(`from span end to page: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms of ${REQUESTS}`);
    assert.ok(at(0.95) <= p95MsMax, `p95 ${at(0.95)} ms of ${tookMs.join(', ')}`);
    assert.deepEqual(browser.complaints, []);
  });
});
