import { type Browser, type BrowserContext, expect, type Page, test } from '@playwright/test';
import { answersWhenAsked, heardIn, heardInAll, listens } from '../support/heard';
import { Server } from '../support/server';
import { Visitor } from '../support/visitor';

let server: Server;

test.beforeAll(async () => {
  server = await Server.start();
});

test.afterAll(() => server.stop());

async function browserOf(browser: Browser, allowed: boolean): Promise<BrowserContext> {
  const context = await browser.newContext();
  if (allowed) await context.grantPermissions(['notifications'], { origin: server.url });
  await listens(context);
  return context;
}

/** In a room of two, of which the first may be notified and looks elsewhere. */
async function apart(browser: Browser, name: string, other: string, room: string) {
  const here = await Visitor.enters(await browserOf(browser, true), server.url, name);
  const there = await Visitor.arrives(browser, server.url, other);
  await here.createsRoom(room);
  await there.joinsRoom(room);
  await looksElsewhere(here);
  return [here, there] as const;
}

async function looksElsewhere({ page }: Visitor): Promise<void> {
  await page.getByRole('link', { name: 'Browse rooms' }).first().click();
  await expect(page.getByRole('heading', { level: 1, name: 'Browse rooms' })).toBeVisible();
}

const icon = (page: Page) => page.locator('link[rel="icon"]');
const wanted = (page: Page, count: number) =>
  expect(page).toHaveTitle(count > 0 ? new RegExp(String.raw`^\(${count}\) `) : /^[^(]/);

/** What is seen counts as read a moment later. */
async function reads(visitor: Visitor, room: string, text: string): Promise<void> {
  await visitor.room(room).click();
  await visitor.sees(text);
  await wanted(visitor.page, 0);
}

async function setsLoudness({ page }: Visitor, role: 'menuitem' | 'menuitemradio', name: string) {
  await page.getByRole('button', { name: 'Room menu' }).click();
  const saved = page.waitForResponse((response) => response.url().endsWith('/membership') && response.ok());
  await page.getByRole(role, { name }).click();
  await saved;
}

test('59, 68: one tab of several notifies and rings, none of the room in view, and the next goes on when it is closed', async ({
  browser,
}) => {
  const [ana, bo] = await apart(browser, 'ana', 'bo', 'garden');
  const tab = await ana.opensTab();
  // A page is heard only after it was used.
  await tab.page.getByRole('heading', { level: 1, name: 'Browse rooms' }).click();
  const heard = () => heardInAll(ana.page, tab.page);

  await bo.says('@ana, can you water it?');
  await wanted(ana.page, 1);
  await wanted(tab.page, 1);
  const first = 'Bo in garden: @ana, can you water it?';
  await expect.poll(heard).toEqual({ shown: [first], open: 1, rung: 1 });
  await expect(icon(ana.page)).toHaveAttribute('href', /^data:image\/svg/);

  // What is plain is shown, and not heard.
  await bo.says('It is dry');
  await expect.poll(heard).toEqual({ shown: [first, 'Bo in garden: It is dry'], open: 2, rung: 1 });

  // Read in one tab, it is gone in all.
  await tab.room('garden').click();
  await tab.sees('It is dry');
  await wanted(ana.page, 0);
  await expect.poll(async () => (await heard()).shown.length).toBe(2);
  await expect(icon(ana.page)).toHaveAttribute('href', '/favicon.svg');

  // The other tab looks at the room.
  await bo.says('@ana, thank you');
  await tab.sees('@ana, thank you');
  await ana.room('garden').click();
  await ana.sees('@ana, thank you');
  expect(await heard()).toMatchObject({ shown: { length: 2 }, rung: 1 });

  await ana.page.close();
  await looksElsewhere(tab);
  await bo.says('@ana, one more thing');
  await wanted(tab.page, 1);
  await expect
    .poll(() => heardInAll(tab.page))
    .toMatchObject({ shown: ['Bo in garden: @ana, one more thing'], rung: 1 });
  await tab.leavesInPeace();
  await bo.leavesInPeace();
});

test('59: a click on a notification opens the room at the message, and deleting that takes it along', async ({
  browser,
}) => {
  const [cleo, dan] = await apart(browser, 'cleo', 'dan', 'attic');
  await dan.says('@cleo, come up');
  await expect.poll(async () => (await heardIn(cleo.page)).shown).toHaveLength(1);
  await cleo.page.evaluate(() => window.clickNotification());
  await expect(cleo.page).toHaveURL(/\/r\/[^/]+\/m\/[^/]+$/);
  await cleo.sees('@cleo, come up');
  await expect(cleo.page.getByRole('heading', { level: 1, name: 'attic' })).toBeVisible();

  await looksElsewhere(cleo);
  await dan.says('@cleo, a slip of the tongue');
  await expect.poll(() => heardInAll(cleo.page)).toMatchObject({ shown: { length: 2 }, open: 1 });
  await dan.chooses('@cleo, a slip of the tongue', 'More');
  await dan.page.getByRole('menuitem', { name: 'Delete' }).click();
  // It can be undone for a while, and is gone for others after that.
  await expect.poll(async () => (await heardInAll(cleo.page)).open).toBe(0);
  await cleo.leavesInPeace();
  await dan.leavesInPeace();
});

test('59: a room notifies of mentions, of nothing, or not for an hour, and hours of rest silence all', async ({
  browser,
}) => {
  const [eve, fay] = await apart(browser, 'eve', 'fay', 'cellar');
  const { page } = eve;
  const shown = async () => (await heardIn(page)).shown.map(({ body }) => body);
  await eve.room('cellar').click();
  await setsLoudness(eve, 'menuitemradio', 'Mentions');
  await looksElsewhere(eve);
  await fay.says('Nothing much');
  await fay.says('@eve, are you there?');
  await expect.poll(shown).toEqual(['@eve, are you there?']);

  await reads(eve, 'cellar', '@eve, are you there?');
  await setsLoudness(eve, 'menuitemradio', 'Nothing');
  await looksElsewhere(eve);
  await fay.says('@eve, you there?');
  await wanted(page, 1);

  await reads(eve, 'cellar', '@eve, you there?');
  await setsLoudness(eve, 'menuitemradio', 'Every message');
  await setsLoudness(eve, 'menuitem', 'Mute for an hour');
  await expect(eve.room('cellar')).toHaveAccessibleName(/muted/);
  await looksElsewhere(eve);
  await fay.says('@eve, hello?');
  await wanted(page, 1);

  await reads(eve, 'cellar', '@eve, hello?');
  await setsLoudness(eve, 'menuitem', 'Unmute');
  await looksElsewhere(eve);
  await page.keyboard.press('Control+,');
  await page.getByRole('checkbox', { name: /Do not disturb/ }).check();
  // From an hour to the same hour is the whole day.
  await page.getByLabel('From').fill('08:00');
  await page.getByLabel('To', { exact: true }).fill('08:00');
  await page.keyboard.press('Escape');
  await fay.says('@eve, good night');
  await wanted(page, 1);
  expect(await shown()).toEqual(['@eve, are you there?']);
  expect((await heardIn(page)).rung).toBe(1);
  await eve.leavesInPeace();
  await fay.leavesInPeace();
});

test('58: notifications are asked for by a click on what explains them, and a no says how it is undone', async ({
  browser,
}) => {
  for (const [name, answer] of [
    ['gus', 'granted'],
    ['hal', 'denied'],
  ] as const) {
    const context = await browserOf(browser, false);
    await answersWhenAsked(context, answer);
    const visitor = await Visitor.enters(context, server.url, name);
    const { page } = visitor;
    await page.keyboard.press('Control+,');
    const button = page.getByRole('button', { name: 'Turn on notifications' });
    await expect(page.getByText(/While you look elsewhere/)).toBeVisible();
    expect((await heardIn(page)).asked).toBe(0);
    await button.click();
    await expect(button).toBeHidden();
    expect((await heardIn(page)).asked).toBe(1);
    if (answer === 'granted')
      await expect(page.getByRole('checkbox', { name: /Notifications of the system/ })).toBeChecked();
    else await expect(page.getByText(/To undo that, open the settings of this site/)).toBeVisible();
    await visitor.leavesInPeace();
  }
});
