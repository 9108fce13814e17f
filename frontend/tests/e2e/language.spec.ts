import { expect, type Page, test } from '@playwright/test';
import { Server } from '../support/server';
import { Visitor } from '../support/visitor';

let server: Server;

test.beforeAll(async () => {
  server = await Server.start();
});

test.afterAll(() => server.stop());

/** What is chosen in the settings, without going there: the disguise is not offered. */
async function speaks(page: Page, language: string): Promise<void> {
  await page.evaluate(async (chosen) => {
    await fetch('/api/users/me', {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ settings: { language: chosen } }),
    });
  }, language);
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('lang', language);
}

test('66: in Arabic everything runs from right to left, and is remembered before the first paint', async ({
  browser,
}) => {
  // What a service worker keeps could not be held back.
  const ana = await Visitor.arrives(browser, server.url, 'ana', { serviceWorkers: 'block' });
  await ana.createsRoom('den');
  await ana.says('Left to right.');
  await ana.says('من اليمين إلى اليسار.');
  const { page } = ana;
  await page.keyboard.press('Control+,');
  // Not `check`, which looks at the box again: it goes with the page in the other language.
  await page.getByRole('radio', { name: 'العربية' }).click();

  const html = page.locator('html');
  await expect(html).toHaveAttribute('dir', 'rtl');
  await expect(html).toHaveAttribute('lang', 'ar');
  await expect(page.getByRole('navigation', { name: 'الغرف والأشخاص' })).toBeVisible();
  const list = await page.getByRole('navigation').boundingBox();
  const main = await page.getByRole('main').boundingBox();
  expect(list?.x ?? 0).toBeGreaterThan(main?.x ?? 0);
  // Each message runs as its own letters do.
  const direction = (text: string) =>
    page.getByText(text, { exact: true }).evaluate((line) => getComputedStyle(line).direction);
  expect(await direction('Left to right.')).toBe('ltr');
  expect(await direction('من اليمين إلى اليسار.')).toBe('rtl');

  // Keys that say where something is keep what they say.
  await page.keyboard.press('Control+K');
  await expect(page.getByRole('dialog', { name: 'البحث عن أي شيء' })).toBeVisible();
  await page.keyboard.press('Escape');

  await page.route(/\/assets\/.*\.js$/, (route) => route.abort());
  await page.reload();
  await expect(html).toHaveAttribute('dir', 'rtl');
  await page.unroute(/\/assets\/.*\.js$/);
  await page.reload();
  await expect(page.getByRole('button', { name: 'حساب Ana' })).toBeVisible();
  await ana.leavesInPeace();
});

test('66: a browser that prefers Arabic is spoken to in Arabic at the door', async ({ browser }) => {
  const context = await browser.newContext({ locale: 'ar-EG' });
  const page = await context.newPage();
  await page.goto(`${server.url}/login`);
  await expect(page.getByRole('heading', { name: 'تسجيل الدخول' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
  await context.close();
});

test('66: texts four tenths longer break nothing, and none was forgotten', async ({ browser }) => {
  const bo = await Visitor.arrives(browser, server.url, 'bo');
  await bo.createsRoom('den');
  await bo.says('hello');
  await bo.sees('hello');
  const { page } = bo;
  await speaks(page, 'en-XA');
  const menu = page.locator('[role="menu"]');
  const dialog = page.locator('[role="dialog"]');
  const account = page.locator('nav button[aria-haspopup="menu"]');

  async function holds(what: string) {
    const problems = await page.evaluate(() => {
      const found: string[] = [];
      if (document.documentElement.scrollWidth > innerWidth) found.push('the page is too wide');
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const own =
        'bdi, [aria-hidden], time, kbd, [data-id], [class*="mark"], [class*="day"], noscript, script';
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const text = node.textContent?.trim() ?? '';
        const around = node.parentElement;
        if (!/\p{L}/u.test(text) || !around?.checkVisibility() || around.closest(own)) continue;
        if (!text.includes('[') && !text.includes(']') && !text.includes('~'))
          found.push(`forgotten: ${text}`);
      }
      // A button that is narrower than its words hides some of them.
      for (const button of document.querySelectorAll<HTMLElement>('button, [role="menuitem"]')) {
        if (button.checkVisibility() && button.scrollWidth > button.clientWidth + 1)
          found.push(`too narrow: ${button.textContent}`);
      }
      return found;
    });
    expect(problems, what).toEqual([]);
  }

  for (const width of [1280, 320]) {
    await page.setViewportSize({ width, height: 700 });
    await expect(bo.composer).toBeVisible();
    await holds(`a room at ${width}`);
    await page.goto(`${server.url}/browse`);
    await expect(page.locator('main li').first()).toBeVisible();
    await holds(`all rooms at ${width}`);
    await page.goto(server.url);
    for (const index of [0, 1]) {
      await account.click();
      await holds(`the menu at ${width}`);
      await menu.getByRole('menuitem').nth(index).click();
      await expect(dialog).toBeVisible();
      await holds(`dialog ${index} at ${width}`);
      await page.keyboard.press('Escape');
      await expect(dialog).toBeHidden();
    }
    await page.locator('nav a[data-room]').first().click();
  }
  await bo.leavesInPeace();
});
