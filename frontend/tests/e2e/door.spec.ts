import { expect, test } from '@playwright/test';
import { Guest } from '../support/guest';
import { Server } from '../support/server';
import { PASSWORD } from '../support/visitor';

let server: Server;

test.beforeEach(async () => {
  server = await Server.start();
});

test.afterEach(() => server.stop());

test('1: a new server asks for its owner once, and never again', async ({ page, request }) => {
  // As somebody else's browser is answered, which knows nothing of Roost yet.
  const answered = async () => {
    const page = await request.get(`${server.url}/setup`, { headers: { accept: 'text/html' } });
    return page.status();
  };
  expect(await answered()).toBe(200);
  await page.goto(`${server.url}/login`);
  await expect(page.getByRole('heading', { name: 'Create the owner account' })).toBeVisible();
  await expect(page).toHaveURL(`${server.url}/setup`);
  await page.getByLabel('Username').fill('ana');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('button', { name: 'Account of ana' })).toBeVisible();
  const me = await page.evaluate(async () => (await fetch('/api/auth/me')).json());
  expect(me.role).toBe('owner');
  expect(await answered()).toBe(404);

  // For the owner as for a stranger.
  await page.goto(`${server.url}/setup`);
  await expect(page.getByRole('heading', { name: 'There is nothing at this address.' })).toBeVisible();
  await page.context().clearCookies();
  await page.evaluate(() => localStorage.clear());
  await page.goto(`${server.url}/setup`);
  await expect(page.getByRole('heading', { name: 'This server has its owner.' })).toBeVisible();
  await page.getByRole('link', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});

test('2: from the first page to the first message it is three screens and two fields', async ({ page }) => {
  const bo = await Guest.arrives(server.url, 'bo', 'Bo Lind');
  await bo.makesRoom({ name: 'harbour', topic: 'Boats and tides' });
  let screens = 0;
  const begun = Date.now();

  // The door.
  await page.goto(`${server.url}/register`);
  await expect(page.getByRole('heading', { name: 'Create your account' })).toBeVisible();
  screens += 1;
  await page.getByLabel('Username').fill('ana');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();

  // What there is.
  await page.getByRole('main').getByRole('button', { name: 'Join harbour' }).click();
  screens += 1;

  // The room.
  await expect(page.locator('#composer')).toBeFocused();
  screens += 1;
  await page.keyboard.type('Hello, harbour');
  await page.keyboard.press('Enter');
  await expect(page.locator('li[data-id]', { hasText: 'Hello, harbour' })).toBeVisible();

  const seconds = (Date.now() - begun) / 1_000;
  test.info().annotations.push({ type: 'from landing to the first message', description: `${seconds} s` });
  // biome-ignore lint/suspicious/noConsole: how long it takes is to be read in the log of the run.
  console.log(`From landing to the first message: ${seconds.toFixed(1)} s, ${screens} screens, 2 fields.`);
  expect(screens).toBeLessThanOrEqual(3);
  bo.leaves();
});
