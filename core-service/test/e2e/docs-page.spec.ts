import chromium from '@sparticuz/chromium';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Browser, launch, type Page } from 'puppeteer-core';
import { createDocument } from '../../src/app/document.js';
import { FakeInference } from '../support/fake-inference.js';
import { useTestApp, useUser } from '../support/fixtures.js';

// A browser starts, beside everything else that runs.
jest.setTimeout(90_000);

describe('the API page, in Chromium', () => {
  const app = useTestApp({ inference: new FakeInference(), worker: false });
  const user = useUser(app, beforeAll);
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];
  beforeAll(async () => {
    browser = await launch({
      executablePath: await chromium.executablePath(),
      args: chromium.args,
      headless: 'shell',
    });
    page = await browser.newPage();
    page.setDefaultTimeout(60_000);
    await page.setViewport({ width: 1200, height: 900 });
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('requestfailed', (failed) => complaints.push(failed.url()));
    await page.goto(`${app.url}/docs`, { waitUntil: 'networkidle0' });
  });
  afterAll(() => browser.close());

  const click = async (selector: string) => {
    await page.waitForSelector(selector);
    await page.click(selector);
  };

  it('shows every operation, and breaks no rule of its policy', async () => {
    const { paths } = createDocument(app.app);
    const operations = Object.values(paths).flatMap((path) => Object.keys(path));
    expect(await page.$$('.opblock')).toHaveLength(operations.length);
    expect(complaints).toEqual([]);
  });

  it('sends requests with the token of "Authorize"', async () => {
    await click('.auth-wrapper .authorize');
    await click('.auth-container input');
    await page.keyboard.sendCharacter(user.accessToken);
    await click('.auth-btn-wrapper .authorize');
    await click('.auth-btn-wrapper .btn-done');
    const me = '.opblock:has([data-path="/v1/me"])';
    await click(`${me} .opblock-summary-control`);
    await click(`${me} .execute`);
    await page.waitForSelector(`${me} .live-responses-table .response-col_status`);
    const answer = await page.$eval(`${me} .live-responses-table`, (table) => table.textContent);
    expect(answer).toContain(user.email);
    if (process.env.SCREENSHOT)
      await page.screenshot({ path: process.env.SCREENSHOT, fullPage: true });
    expect(complaints).toEqual([]);
  });

  it('would show a script in the page as a complaint', async () => {
    await page.evaluate(`
      const script = document.createElement('script');
      script.textContent = 'globalThis.injected = true';
      document.body.append(script);
    `);
    expect(await page.evaluate('globalThis.injected')).toBeUndefined();
    expect(complaints).toEqual([expect.stringContaining('Content Security Policy')]);
  });

  it('cannot be framed', async () => {
    const frame = await browser.newPage();
    await frame.setContent(`<iframe src="${app.url}/docs"></iframe>`);
    const inner = await frame.waitForFrame((each) => each !== frame.mainFrame());
    expect(await inner.$('.opblock')).toBeNull();
    expect(inner.url()).toMatch(/^chrome-error:/);
    await frame.close();
  });
});
