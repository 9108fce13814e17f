/**
 * The main states, in light and dark and at three widths, for people to look at:
 * they are kept with the other results of a run, and nothing compares them.
 */
import { expect, type Page, type Route, test } from '@playwright/test';
import { inTheme, isStill } from '../support/eyes';
import { Guest } from '../support/guest';
import { Server } from '../support/server';
import { Visitor } from '../support/visitor';

const WIDTHS = [1280, 820, 360];
const DAY_MS = 86_400_000;
/** What a service worker keeps could not be dated back. */
const DEVICE = { reducedMotion: 'reduce', serviceWorkers: 'block' } as const;

let server: Server;

test.beforeAll(async () => {
  server = await Server.start();
});

test.afterAll(() => server.stop());

async function takePictures(page: Page, state: string, widths = WIDTHS): Promise<void> {
  // Nothing is pointed at.
  await page.mouse.move(0, 0);
  for (const width of widths) {
    await page.setViewportSize({ width, height: width < 700 ? 760 : 800 });
    for (const theme of ['light', 'dark']) {
      await inTheme(page, theme);
      await isStill(page);
      await page.screenshot({ path: `test-results/pictures/${state}-${width}-${theme}.png` });
    }
  }
  await inTheme(page, 'light');
  await page.setViewportSize({ width: 1280, height: 800 });
}

/** Nobody waits for a day to pass: what was said first was said yesterday. */
async function sinceYesterday(route: Route, said: number): Promise<void> {
  const response = await route.fetch();
  const page = (await response.json()) as { messages: { createdAt: string }[] };
  for (const message of page.messages.slice(0, said)) {
    message.createdAt = new Date(Date.parse(message.createdAt) - DAY_MS).toISOString();
  }
  await route.fulfill({ response, json: page });
}

const PLAN = [
  'Here is what I would run before we go:',
  '```sh',
  'roost verify --nodes 3 --minutes 20',
  'roost audit --data-dir ./data',
  '```',
  'If both are quiet we can go on **Friday**.',
].join('\n');

test('the main states are looked at', async ({ browser }) => {
  test.setTimeout(300_000);
  const door = await browser.newPage({ reducedMotion: 'reduce' });
  await door.goto(server.url);
  await expect(door.getByRole('heading', { level: 1 })).toBeVisible();
  await takePictures(door, 'door');
  await door.close();

  const newcomer = await Visitor.arrives(browser, server.url, 'ana', DEVICE);
  await expect(newcomer.page.getByRole('heading', { level: 1 })).toBeVisible();
  await takePictures(newcomer.page, 'empty-home');

  const bo = await Guest.arrives(server.url, 'bo', 'Bo Lind');
  const cleo = await Guest.arrives(server.url, 'cleo', 'Cleo Marsh');
  const salma = await Guest.arrives(server.url, 'salma', 'سلمى حداد');
  const roomId = await bo.makesRoom({ name: 'release', topic: 'What goes out, and when' });
  for (const name of ['design', 'random', 'support']) await bo.makesRoom({ name });
  for (const guest of [cleo, salma]) await guest.joins(roomId);
  const me = await newcomer.page.evaluate(async () => (await fetch('/api/auth/me')).json());
  await bo.says(roomId, 'Shall we ship it on Friday? The list is short by now.');
  await bo.says(roomId, 'Only the palette is left, and Cleo has a branch for it.');
  const ready = await cleo.says(roomId, 'It is ready. I would like one more pair of eyes on the colours.');
  await salma.says(roomId, 'سألقي نظرة عليها صباح الغد.');
  await newcomer.page.goto(`${server.url}/r/${roomId}`);
  await newcomer.page.getByRole('button', { name: 'Join room' }).click();
  await expect(newcomer.composer).toBeFocused();
  await newcomer.page.goto(`${server.url}/browse`);
  await expect(newcomer.page.getByRole('button', { name: 'Join design' })).toBeVisible();
  await takePictures(newcomer.page, 'browse', [1280, 360]);

  await bo.says(roomId, PLAN);
  await bo.reacts(ready, '👍');
  await salma.reacts(ready, '👍');
  await salma.reacts(ready, '🎨');
  await cleo.says(roomId, 'Dark is a little low on the borders, I think. Light is lovely.', ready);
  const slip = await bo.says(roomId, 'never mind');
  await bo.takesBack(slip);
  const question = await salma.says(roomId, '@ana could you look at the log from last night?');
  await salma.reacts(question, '👀');
  const talk = await bo.talksTo(me.id);
  await bo.says(talk, 'Do you have the notes of the last release?');
  await newcomer.leavesInPeace();

  // At a browser that remembers nothing of the room.
  const ana = await Visitor.returns(browser, server.url, 'ana', DEVICE);
  const { page } = ana;
  await page.route(`**/api/rooms/${roomId}/messages*`, (route) => sinceYesterday(route, 4));
  await expect(ana.room('release')).toHaveAccessibleName(/1 for you/);
  await ana.room('release').click();
  await ana.sees('@ana could you look at the log from last night?');
  await takePictures(page, 'room');
  await page.setViewportSize({ width: 820, height: 800 });
  await page.getByRole('button', { name: 'Show who is here' }).click();
  await expect(page.getByRole('complementary')).toBeVisible();
  await takePictures(page, 'people', [820, 360]);

  await page.keyboard.press('Control+K');
  await expect(page.getByRole('option').first()).toBeVisible();
  await takePictures(page, 'palette', [1280, 360]);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+,');
  await expect(page.getByRole('dialog', { name: 'Settings' })).toBeVisible();
  await takePictures(page, 'settings', [1280, 360]);
  await page.keyboard.press('Escape');

  await page.goto(`${server.url}/r/${talk}`);
  await ana.sees('Do you have the notes of the last release?');
  await ana.says('Yes. I put them in the release room this morning.');
  await ana.sees('Yes. I put them in the release room this morning.');
  await takePictures(page, 'direct');
  await page.context().setOffline(true);
  await expect(page.getByRole('button', { name: 'Retry now' })).toBeVisible();
  await ana.says('I am on a train, this may take a while.');
  await expect(page.getByText('Waiting for a connection')).toBeVisible();
  await takePictures(page, 'offline');
  await page.context().setOffline(false);
  await expect(page.getByText('Waiting for a connection')).toBeHidden();

  await page.goto(`${server.url}/r/019400000000-0000-7000-8000-000000000000`);
  await expect(page.getByRole('heading', { name: 'This room is not here.' })).toBeVisible();
  await takePictures(page, 'gone', [1280, 360]);
  await page.goto(server.url);
  await expect(ana.room('release')).toBeVisible();
  await takePictures(page, 'list', [360]);

  await page.evaluate(() => {
    const kept = JSON.parse(localStorage.getItem('roost:settings') ?? '{}');
    localStorage.setItem('roost:settings', JSON.stringify({ ...kept, language: 'ar' }));
  });
  await page.evaluate(async () => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ settings: { language: 'ar' } });
    await fetch('/api/users/me', { method: 'PATCH', headers, body });
  });
  await page.goto(`${server.url}/r/${roomId}`);
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
  await expect(ana.composer).toBeVisible();
  await takePictures(page, 'arabic', [1280, 360]);
  for (const guest of [bo, cleo, salma]) guest.leaves();
  await ana.leavesInPeace();
});
