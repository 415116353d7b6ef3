// A page in headless Chromium, and everything that the browser has to complain about it.
import { existsSync } from 'node:fs';
import { launch, type Page } from 'puppeteer-core';

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const settleDeadlineMs = 20_000;

/** Why the tests that need a browser cannot run here, or false. */
export const noBrowser = existsSync(CHROMIUM) ? false : `no chromium at ${CHROMIUM}`;

export interface BrowserPage {
  page: Page;
  /** Errors and warnings of the console, and requests to anybody but `origin`. */
  complaints: string[];
  /** Opens a path and waits until no panel is loading; gives the state of each by its title. */
  open(path: string): Promise<Record<string, string>>;
  /** Waits until no panel is loading. */
  settled(): Promise<Record<string, string>>;
  close(): Promise<void>;
}

/** Starts a browser with one page, 1280 px wide. */
export async function openBrowser(origin: string): Promise<BrowserPage> {
  const browser = await launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
  const page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 900 });
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warn') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (one) => {
    if (!one.url().startsWith(origin)) complaints.push(`asked ${one.url()}`);
  });
  const settled = async () => {
    await page.waitForFunction(
      `document.querySelectorAll('.panel').length > 0 && !document.querySelector('.panel[data-state="loading"]')`,
      { timeout: settleDeadlineMs },
    );
    return (await page.evaluate(
      `Object.fromEntries([...document.querySelectorAll('.panel')].map((panel) => [panel.getAttribute('aria-label'), panel.dataset.state]))`,
    )) as Record<string, string>;
  };
  return {
    page,
    complaints,
    settled,
    open: async (path) => {
      await page.goto(origin + path, { waitUntil: 'load' });
      return settled();
    },
    close: () => browser.close(),
  };
}
