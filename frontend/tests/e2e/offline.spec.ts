import { expect, type Page, test } from '@playwright/test';
import { Line } from '../support/line';
import { Server } from '../support/server';
import { PASSWORD, Visitor } from '../support/visitor';

let server: Server;
let line: Line;

test.beforeEach(async () => {
  server = await Server.start();
  line = await Line.to(server);
});

test.afterEach(async () => {
  await line.close();
  await server.stop();
});

/** The client is kept at hand, so that the page opens without a server. */
async function isKeptAtHand(page: Page): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
}

/** Says something many times, in the room that is open, without the page that shows it. */
function writesMany(page: Page, what: string, count: number): Promise<void> {
  return page.evaluate(
    async ([word, many]) => {
      for (let number = 1; number <= many; number += 1) {
        const response = await fetch(`/api/rooms/${location.pathname.split('/')[2]}/messages`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ content: `${word} ${number}.` }),
        });
        if (!response.ok) throw new Error(`the server answered ${response.status}`);
      }
    },
    [what, count] as const,
  );
}

test('a visit begins with what the last one saw, also without a server, and goes on when there is one', async ({
  browser,
}) => {
  const ana = await Visitor.arrives(browser, line.url, 'ana');
  const bo = await Visitor.arrives(browser, server.url, 'bo');
  await ana.createsRoom('garden');
  await ana.says('Who waters it?');
  await ana.sees('Who waters it?');
  await ana.page.getByRole('link', { name: 'Roost' }).click();
  await ana.createsRoom('release');
  await ana.says('Shall we ship it?');
  await bo.joinsRoom('release');
  await bo.says('On Friday');
  await ana.sees('On Friday');
  await isKeptAtHand(ana.page);

  line.cut();
  await ana.page.reload();
  await ana.sees('Shall we ship it?');
  await ana.sees('On Friday');
  await expect(ana.composer).toBeEnabled();
  await expect(ana.page.getByText('No connection').first()).toBeVisible();
  await ana.room('garden').click();
  await ana.sees('Who waters it?');
  await ana.room('release').click();
  await bo.says('Or on Monday');
  await bo.chooses('On Friday', 'Edit');
  await bo.page.getByLabel('Edit message').fill('On Thursday');
  await bo.page.getByLabel('Edit message').press('Enter');

  line.mend();
  await ana.sees('Or on Monday');
  await ana.sees('On Thursday');
  await expect(ana.messages).toHaveCount(3);
  await ana.leavesInPeace();
  await bo.leavesInPeace();
});

test('a visit that finds unread messages opens at the first of them, though it began with what it remembered', async ({
  browser,
}) => {
  const ana = await Visitor.arrives(browser, server.url, 'ana');
  const bo = await Visitor.arrives(browser, server.url, 'bo');
  await ana.createsRoom('release');
  await bo.joinsRoom('release');
  await writesMany(bo.page, 'read', 20);
  await ana.sees('read 20.');
  // Read, so that what follows is all that is new.
  await expect(ana.room('release')).toHaveAccessibleName('release');
  const address = ana.page.url();
  await ana.page.goto('about:blank');
  await writesMany(bo.page, 'new', 30);

  await ana.page.goto(address);
  await expect(ana.page.getByText(/^New since/)).toBeInViewport();
  await expect(ana.message('new 1.')).toBeInViewport();
  await expect(ana.message('new 30.')).not.toBeInViewport();
  await ana.leavesInPeace();
  await bo.leavesInPeace();
});

test('51: a broken line is said without moving anything, and unsaid when it is whole', async ({
  browser,
}) => {
  const ana = await Visitor.arrives(browser, line.url, 'ana');
  await ana.createsRoom('release');
  await ana.says('Before');
  await ana.sees('Before');
  const places = () => Promise.all([ana.composer.boundingBox(), ana.message('Before').boundingBox()]);
  const before = await places();
  line.cut();
  const retry = ana.page.getByRole('button', { name: 'Retry now' });
  await expect(retry).toBeVisible();
  await expect(ana.page.getByText(/Trying again in \d+ s/)).toBeVisible();
  await expect(ana.page.getByRole('dialog')).toHaveCount(0);
  expect(await places()).toEqual(before);
  line.mend();
  await retry.click();
  await expect(retry).toBeHidden();
  expect(await places()).toEqual(before);
  await ana.says('After');
  await ana.sees('After');
  await ana.leavesInPeace();
});

test('53: a new release says that it is ready, waits for its user, and keeps what they were typing', async ({
  browser,
}) => {
  const ana = await Visitor.arrives(browser, line.url, 'ana');
  await ana.createsRoom('release');
  await isKeptAtHand(ana.page);
  const second = await ana.opensTab();
  await ana.composer.fill('Half a thought');
  const stay = (page: Page) => page.evaluate(() => Object.assign(window, { stayed: true }));
  const stayed = (page: Page) => page.evaluate(() => 'stayed' in window);
  for (const tab of [ana, second]) {
    await stay(tab.page);
    await expect(tab.page.getByText('Update ready')).toBeHidden();
  }

  // The server comes back as another release.
  line.alter('/sw.js', (script) => script.replace(/"version":"\w+"/, '"version":"later"'));
  line.cut();
  await expect(ana.page.getByRole('button', { name: 'Retry now' })).toBeVisible();
  line.mend();
  for (const tab of [ana, second]) await expect(tab.page.getByText('Update ready')).toBeVisible();
  await ana.composer.press('End');
  await ana.composer.pressSequentially(', and the rest of it');
  for (const tab of [ana, second]) expect(await stayed(tab.page)).toBe(true);

  const reloaded = ana.page.waitForEvent('load');
  await ana.page.getByRole('button', { name: 'Reload', exact: true }).click();
  await reloaded;
  expect(await stayed(ana.page)).toBe(false);
  await expect(ana.composer).toHaveValue('Half a thought, and the rest of it');
  await expect(ana.page.getByText('Update ready')).toBeHidden();
  // The other tab is left to whoever is in it.
  expect(await stayed(second.page)).toBe(true);
  await expect(second.page.getByText('Update ready')).toBeVisible();
  await ana.leavesInPeace();
});

test('67: a part of the page that did not come is fetched again without a hand', async ({ browser }) => {
  const ana = await Visitor.arrives(browser, server.url, 'ana');
  await ana.createsRoom('release');
  const elsewhere = await browser.newContext({ serviceWorkers: 'block' });
  let refused = 0;
  await elsewhere.route('**/assets/House-*.js', (route) => {
    refused += 1;
    return refused === 1 ? route.abort() : route.continue();
  });
  const again = await Visitor.comesBack(elsewhere, 'ana');
  await again.page.goto(`${server.url}/login`);
  await again.page.getByLabel('Username or email').fill('ana');
  await again.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await again.page.getByRole('button', { name: 'Sign in' }).click();
  await again.isIn();
  expect(refused).toBeGreaterThan(1);
  await again.leavesInPeace();
  await ana.leavesInPeace();
});
