import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { Line } from '../support/line';
import { Server } from '../support/server';
import { Visitor } from '../support/visitor';

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

/** Counts what leaves the pages of a browser over its sockets. */
function sendsFrom(context: BrowserContext): { count: () => number } {
  let sends = 0;
  const look = (sent: string) => {
    sends += sent.split('"send_message"').length - 1;
  };
  const listen = (page: Page) => {
    page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => look(String(payload))));
    // A connection that came back just as the line did may have begun with polling.
    page.on('request', (request) => look(request.postData() ?? ''));
  };
  for (const page of context.pages()) listen(page);
  context.on('page', listen);
  return { count: () => sends };
}

/** The client is kept at hand, so that the page opens without a server. */
async function isKeptAtHand(page: Page): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
}

test('37: a message is there in the next frame, says when it is still being sent, and then no more', async ({
  browser,
}) => {
  const ana = await Visitor.arrives(browser, line.url, 'ana');
  await ana.createsRoom('release');
  await ana.composer.fill('Going now');
  line.holdAnswers();
  const inNextFrame = ana.page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        // The first callback is of the frame that Enter is shown in, the second of the one after.
        const look = () => resolve(document.querySelector('ol li[data-state]')?.textContent ?? '');
        const twoFrames = () => requestAnimationFrame(() => requestAnimationFrame(look));
        document.addEventListener('keydown', twoFrames, { capture: true, once: true });
      }),
  );
  await ana.composer.press('Enter');
  expect(await inNextFrame).toContain('Going now');
  await expect(ana.page.getByText('Sending')).toBeVisible();
  line.letAnswersGo();
  await ana.sees('Going now');
  await expect(ana.page.getByText('Sending')).toBeHidden();
  await ana.leavesInPeace();
});

test('37: a refused message says so in words, and can be tried again or deleted', async ({ browser }) => {
  const ana = await Visitor.arrives(browser, server.url, 'ana');
  const bo = await Visitor.arrives(browser, line.url, 'bo');
  await ana.createsRoom('release');
  await bo.joinsRoom('release');
  line.cut();
  await bo.says('Too late');
  const roomId = ana.page.url().split('/').at(-1);
  await ana.page.evaluate((id) => fetch(`/api/rooms/${id}/archive`, { method: 'POST' }), roomId);
  line.mend();
  const row = bo.rows.filter({ hasText: 'Too late' });
  await expect(row.getByText('Not sent.')).toBeVisible();
  await row.getByRole('button', { name: 'Retry' }).click();
  await expect(row.getByText('Not sent.')).toBeVisible();
  await row.getByRole('button', { name: 'Delete' }).click();
  await expect(row).toHaveCount(0);
  await ana.leavesInPeace();
  await bo.leavesInPeace();
});

test('38: a server killed between storing and answering leaves exactly one copy', async ({ browser }) => {
  const ana = await Visitor.arrives(browser, line.url, 'ana');
  const bo = await Visitor.arrives(browser, server.url, 'bo');
  await ana.createsRoom('release');
  await bo.joinsRoom('release');
  line.holdAnswers();
  await ana.says('Going now');
  // It is stored, and its author has not heard of it.
  await bo.sees('Going now');
  await server.kill();
  await expect(ana.page.getByText(/Delivery not confirmed/)).toBeVisible();
  await expect(ana.page.getByText('Not sent.')).toBeHidden();
  line.letAnswersGo();
  await server.startAgain();
  for (const person of [ana, bo]) {
    await person.sees('Going now');
    await expect(person.rows.filter({ hasText: 'Going now' })).toHaveCount(1);
  }
  await expect(ana.page.getByText(/Delivery not confirmed/)).toBeHidden();
  await ana.page.reload();
  await ana.sees('Going now');
  await expect(ana.messages).toHaveCount(1);
  await ana.leavesInPeace();
  await bo.leavesInPeace();
});

test('39: what is written without a server survives a reload and a new start of the browser, and goes out in order', async ({
  browser,
  playwright,
  launchOptions,
  contextOptions,
}) => {
  const folder = await mkdtemp(join(tmpdir(), 'roost-browser-'));
  const start = () =>
    playwright.chromium.launchPersistentContext(folder, { ...launchOptions, ...contextOptions });
  let context = await start();
  const ana = await Visitor.enters(context, server.url, 'ana');
  await ana.createsRoom('release');
  await ana.says('Before');
  await ana.sees('Before');
  await isKeptAtHand(ana.page);
  const address = ana.page.url();

  await server.kill();
  for (const text of ['one', 'two', 'three']) await ana.says(text);
  const texts = ['Before', 'one', 'two', 'three'];
  await expect(ana.rows).toContainText(texts);
  await expect(ana.page.getByText('Waiting for a connection').first()).toBeVisible();
  await ana.page.reload();
  await expect(ana.rows).toContainText(texts);

  await context.close();
  context = await start();
  const again = await Visitor.comesBack(context, 'ana');
  await again.page.goto(address);
  await expect(again.rows).toContainText(texts);
  await again.says('four');

  await server.startAgain();
  await expect(again.messages).toContainText([...texts, 'four']);
  await expect(again.rows).toHaveCount(5);
  const bo = await Visitor.arrives(browser, server.url, 'bo');
  await bo.joinsRoom('release');
  await expect(bo.messages).toContainText([...texts, 'four']);
  await expect(bo.messages).toHaveCount(5);
  await bo.leavesInPeace();
  await again.leavesInPeace();
  await rm(folder, { recursive: true, force: true });
});

test('39: of several tabs one sends what all of them have written, in order and once', async ({
  browser,
}) => {
  const ana = await Visitor.arrives(browser, line.url, 'ana');
  await ana.createsRoom('release');
  const second = await ana.opensTab();
  const sends = sendsFrom(ana.context);
  await expect(second.composer).toBeVisible();
  line.cut();
  await ana.says('one');
  await expect(second.rows).toContainText(['one']);
  await second.says('two');
  await expect(ana.rows).toContainText(['one', 'two']);
  await ana.says('three');
  await expect(second.rows).toContainText(['one', 'two', 'three']);
  line.mend();
  for (const tab of [ana, second]) {
    await expect(tab.messages).toContainText(['one', 'two', 'three']);
    await expect(tab.rows).toHaveCount(3);
  }
  await expect.poll(sends.count).toBe(3);
  await ana.leavesInPeace();
});

test('68: closing the tab that wrote hands its messages over to another', async ({ browser }) => {
  const ana = await Visitor.arrives(browser, line.url, 'ana');
  const bo = await Visitor.arrives(browser, server.url, 'bo');
  await ana.createsRoom('release');
  await bo.joinsRoom('release');
  const second = await ana.opensTab();
  await expect(second.composer).toBeVisible();

  // While it waits for a connection.
  line.cut();
  await ana.says('Into the dark');
  await expect(second.rows).toContainText(['Into the dark']);
  await ana.page.close();
  line.mend();
  await second.sees('Into the dark');
  await bo.sees('Into the dark');

  // While it waits for an answer.
  const third = await second.opensTab();
  await third.sees('Into the dark');
  line.holdAnswers();
  await second.says('Going now');
  await bo.sees('Going now');
  await second.page.close();
  line.letAnswersGo();
  await third.sees('Going now');
  await expect(third.rows).toHaveCount(2);
  await expect(bo.messages).toHaveCount(2);
  await bo.leavesInPeace();
  await third.leavesInPeace();
});

test('41: each room keeps its own draft, through a reload, in every tab, and says so in the list', async ({
  browser,
}) => {
  const ana = await Visitor.arrives(browser, server.url, 'ana');
  await ana.createsRoom('release');
  const release = ana.page.url();
  await ana.composer.fill('Shall we');
  await ana.page.getByRole('button', { name: 'Create a room' }).first().click();
  await ana.page.getByRole('textbox', { name: 'Name' }).fill('garden');
  await ana.page.getByRole('button', { name: 'Create room' }).click();
  await expect(ana.page.getByRole('heading', { level: 1, name: 'garden' })).toBeVisible();
  await expect(ana.room('release')).toHaveAccessibleName(/draft/);
  await ana.composer.fill('Who waters');
  await ana.page.reload();
  await expect(ana.composer).toHaveValue('Who waters');
  await ana.room('release').click();
  await expect(ana.composer).toHaveValue('Shall we');

  const second = await ana.opensTab();
  await second.page.goto(release);
  await expect(second.composer).toHaveValue('Shall we');
  await ana.composer.fill('Shall we ship it?');
  await expect(second.composer).toHaveValue('Shall we ship it?');
  await second.composer.press('Enter');
  await expect(ana.composer).toHaveValue('');
  await expect(ana.room('release')).not.toHaveAccessibleName(/draft/);
  await ana.leavesInPeace();
});
