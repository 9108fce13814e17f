import { expect, test } from '@playwright/test';
import { Server } from '../support/server';
import { Visitor } from '../support/visitor';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

let server: Server;

test.beforeEach(async () => {
  server = await Server.start();
});

test.afterEach(() => server.stop());

test('a newcomer with a phone is shown what to do first', async ({ browser }) => {
  const ana = await Visitor.arrives(browser, server.url, 'ana', PHONE);
  await expect(ana.page.getByRole('heading', { name: 'You are in no room yet' })).toBeVisible();
  await ana.page.getByRole('button', { name: 'Create a room' }).last().tap();
  await ana.page.getByRole('textbox', { name: 'Name' }).fill('garden');
  await ana.page.getByRole('button', { name: 'Create room' }).tap();
  await expect(ana.page.getByRole('heading', { level: 1, name: 'garden' })).toBeVisible();
  await ana.composer.fill('Who waters it?');
  await ana.page.getByRole('button', { name: 'Send' }).tap();
  await ana.sees('Who waters it?');
  await ana.page.getByRole('link', { name: 'Back to rooms' }).tap();
  await expect(ana.room('garden')).toBeVisible();
  await expect(ana.page.getByRole('heading', { name: 'You are in no room yet' })).toBeHidden();
  await ana.leavesInPeace();
});

test('a lost connection is said everywhere and covers no button', async ({ browser }) => {
  const ana = await Visitor.arrives(browser, server.url, 'ana', PHONE);
  await ana.page.getByRole('button', { name: 'Create a room' }).last().tap();
  await ana.page.getByRole('textbox', { name: 'Name' }).fill('garden');
  await ana.page.getByRole('button', { name: 'Create room' }).tap();
  await expect(ana.page.getByRole('heading', { level: 1, name: 'garden' })).toBeVisible();

  await server.kill();
  const notice = ana.page.getByRole('button', { name: 'Retry now' });
  await expect(notice).toBeVisible();
  // Each tap fails where something lies over the button.
  await ana.page.getByRole('button', { name: 'Show who is here' }).tap();
  await expect(ana.page.getByRole('complementary', { name: 'Who is here' })).toBeVisible();
  await ana.page.getByRole('link', { name: 'Back to rooms' }).tap();
  await expect(ana.room('garden')).toBeVisible();
  await expect(notice).toBeVisible();
  await ana.room('garden').tap();

  await server.startAgain();
  await expect(notice).toBeHidden();
  await ana.leavesInPeace();
});

test('67: an address that leads nowhere says so, and leads home', async ({ browser }) => {
  const ana = await Visitor.arrives(browser, server.url, 'ana', PHONE);
  await ana.page.goto(`${server.url}/nowhere/at/all`);
  await expect(ana.page.getByRole('heading', { name: 'There is nothing at this address.' })).toBeVisible();
  await ana.page.getByRole('link', { name: 'Back to rooms' }).click();
  await expect(ana.page).toHaveURL(`${server.url}/`);
  await ana.leavesInPeace();
});
