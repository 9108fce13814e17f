import { expect, type Locator, type Page, test } from '@playwright/test';
import { Server } from '../support/server';
import { Visitor } from '../support/visitor';

const NARROW = { viewport: { width: 320, height: 568 }, hasTouch: true, isMobile: true };
/** What 1280 by 800 pixels show at 400 %. */
const ZOOMED = { viewport: { width: 320, height: 200 } };
const LONG = 'Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenhersteller';

let server: Server;

test.beforeAll(async () => {
  server = await Server.start();
});

test.afterAll(() => server.stop());

/** Nothing of the page, nor of what lies over it, is to be had only by scrolling sideways. */
async function fits(page: Page, what: string): Promise<void> {
  const beyond = await page.evaluate(() => {
    const wide = document.documentElement.scrollWidth > innerWidth ? ['the page'] : [];
    const parts = document.querySelectorAll<HTMLElement>(
      'button, a, input, textarea, h1, h2, [role="dialog"]',
    );
    for (const part of parts) {
      if (!part.checkVisibility() || part.closest('.visually-hidden')) continue;
      const { left, right, width } = part.getBoundingClientRect();
      if (width > 1 && (left < -1 || right > innerWidth + 1)) wide.push(part.outerHTML.slice(0, 120));
    }
    return wide;
  });
  expect(beyond, what).toEqual([]);
}

async function overlay(page: Page, open: () => Promise<void>, shown: Locator): Promise<void> {
  await open();
  await expect(shown).toBeVisible();
  await fits(page, await page.title());
  await page.keyboard.press('Escape');
  await expect(shown).toBeHidden();
}

test('62: at 320 pixels there is one pane at a time, and nothing needs scrolling sideways', async ({
  browser,
}) => {
  const ana = await Visitor.arrives(browser, server.url, 'ana', NARROW);
  const { page } = ana;
  await fits(page, 'the home of a newcomer');
  await page.getByRole('button', { name: 'Create a room' }).last().tap();
  await page.getByRole('textbox', { name: 'Name' }).fill(LONG);
  await page.getByRole('textbox', { name: 'Topic' }).fill(`${LONG} and what it makes`);
  await fits(page, 'making a room');
  await page.getByRole('button', { name: 'Create room' }).tap();
  await expect(page.getByRole('heading', { level: 1, name: LONG })).toBeVisible();
  await expect(page.getByRole('navigation')).toBeHidden();
  await ana.composer.fill(`${LONG} https://example.org/${'a'.repeat(200)}`);
  await page.getByRole('button', { name: 'Send' }).tap();
  await ana.sees(LONG);
  await fits(page, 'a room');
  await page.getByRole('button', { name: 'Show who is here' }).tap();
  await fits(page, 'who is in a room');
  await page.getByRole('complementary').getByRole('button', { name: 'Hide who is here' }).tap();

  await page.getByRole('link', { name: 'Back to rooms' }).tap();
  await expect(page.getByRole('main')).toBeHidden();
  await fits(page, 'the rooms');
  const dialog = page.getByRole('dialog');
  const account = page.getByRole('button', { name: 'Account of Ana' });
  await overlay(page, () => page.getByRole('button', { name: 'Find' }).tap(), dialog);
  for (const item of ['Settings', 'Keyboard shortcuts']) {
    const open = async () => {
      await account.tap();
      await page.getByRole('menuitem', { name: item }).tap();
    };
    await overlay(page, open, dialog);
  }
  await page.getByRole('link', { name: 'Browse rooms' }).first().tap();
  await expect(page.getByRole('link', { name: LONG })).toBeVisible();
  await fits(page, 'all rooms');

  await page.goto(`${server.url}/`);
  await account.tap();
  await page.getByRole('menuitem', { name: 'Sign out' }).tap();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await fits(page, 'the door');
  await ana.leavesInPeace();
});

test('62: at 400 % one can still read and write', async ({ browser }) => {
  const bo = await Visitor.arrives(browser, server.url, 'bo', ZOOMED);
  await bo.page.getByRole('button', { name: 'Create a room' }).last().click();
  await bo.page.getByRole('textbox', { name: 'Name' }).fill('den');
  await bo.page.getByRole('button', { name: 'Create room' }).click();
  await bo.says('Is there room for me?');
  await bo.sees('Is there room for me?');
  await expect(bo.message('Is there room for me?').locator('p').last()).toBeInViewport({ ratio: 0.9 });
  await expect(bo.composer).toBeInViewport({ ratio: 0.9 });
  await expect(bo.page.getByRole('button', { name: 'Send' })).toBeInViewport({ ratio: 0.9 });
  await fits(bo.page, 'a room');
  await bo.leavesInPeace();
});

test('62: one writes above the keyboard of a screen, and beside what a device cuts off', async ({
  browser,
}) => {
  const cleo = await Visitor.arrives(browser, server.url, 'cleo', NARROW);
  const { page } = cleo;
  await page.getByRole('button', { name: 'Create a room' }).last().tap();
  await page.getByRole('textbox', { name: 'Name' }).fill('den');
  await page.getByRole('button', { name: 'Create room' }).tap();
  await expect(page.getByRole('heading', { level: 1, name: 'den' })).toBeVisible();

  const session = await cleo.context.newCDPSession(page);
  await session.send('Emulation.setSafeAreaInsetsOverride', {
    insets: { top: 44, bottom: 34, left: 12, right: 12 },
  });
  const top = async (part: Locator) => (await part.boundingBox())?.y ?? 0;
  await expect.poll(() => top(page.getByRole('heading', { level: 1 }))).toBeGreaterThanOrEqual(44);
  const well = page.getByRole('button', { name: 'Send' });
  const bottom = async () => (await top(well)) + ((await well.boundingBox())?.height ?? 0);
  await expect.poll(bottom).toBeLessThanOrEqual(568 - 34);

  // A keyboard of which only the visual viewport tells, as on iOS.
  await page.evaluate(() => {
    Object.defineProperty(window.visualViewport, 'height', { value: 300, configurable: true });
    window.visualViewport?.dispatchEvent(new Event('resize'));
  });
  await expect.poll(bottom).toBeLessThanOrEqual(300);
  await expect(page.getByRole('heading', { level: 1, name: 'den' })).toBeInViewport();
  await cleo.leavesInPeace();
});
