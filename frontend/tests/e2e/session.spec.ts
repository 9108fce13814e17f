import { expect, type Page, test } from '@playwright/test';
import { Line } from '../support/line';
import { Server } from '../support/server';
import { Visitor } from '../support/visitor';

const PASSWORD = 'correct horse battery';

let server: Server;

test.beforeEach(async () => {
  server = await Server.start();
});

test.afterEach(() => server.stop());

/** Ends every login of somebody, as from another device. */
async function endsAllSessionsOf(username: string): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${server.url}/api/auth/login`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ login: username, password: PASSWORD }),
  });
  const { token } = (await answer.json()) as { token: string };
  const bearer = { ...headers, authorization: `Bearer ${token}` };
  const list = await fetch(`${server.url}/api/auth/sessions`, { headers: bearer });
  const { sessions } = (await list.json()) as { sessions: { id: string; current: boolean }[] };
  // The one that does it last of all.
  for (const { id } of [...sessions].sort((a, b) => Number(a.current) - Number(b.current))) {
    await fetch(`${server.url}/api/auth/sessions/${id}`, { method: 'DELETE', headers: bearer });
  }
}

async function signsIn(page: Page, username: string): Promise<void> {
  await page.getByLabel('Username or email').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

async function signsOut(visitor: Visitor): Promise<void> {
  await visitor.page.getByRole('button', { name: `Account of ${visitor.name}` }).click();
  await visitor.page.getByRole('menuitem', { name: 'Sign out' }).click();
}

/** What this browser keeps, apart from the client itself and how it looks. */
function keptIn(page: Page): Promise<string[]> {
  return page.evaluate(async () => [
    ...(await indexedDB.databases()).map(({ name }) => name ?? ''),
    ...Object.keys(localStorage).filter((key) => !['roost:settings', 'roost:look'].includes(key)),
  ]);
}

test('5: a link to a message survives the door', async ({ browser }) => {
  const ana = await Visitor.arrives(browser, server.url, 'ana');
  await ana.createsRoom('workshop');
  await ana.says('The plan is on the wall');
  await ana.sees('The plan is on the wall');
  const id = await ana.message('The plan is on the wall').getAttribute('data-id');
  const link = `${ana.page.url()}/m/${id}`;
  await signsOut(ana);
  await expect(ana.page.getByRole('heading', { name: 'Sign in' })).toBeVisible();

  await ana.page.goto(link);
  await signsIn(ana.page, 'ana');
  await expect(ana.page.getByRole('heading', { level: 1, name: 'workshop' })).toBeVisible();
  await expect(ana.message('The plan is on the wall')).toBeInViewport();
  expect(ana.page.url()).toBe(link);
  await ana.leavesInPeace();
});

test('6: an expired session asks to sign in over the room; draft and outbox survive it', async ({
  browser,
}) => {
  const line = await Line.to(server);
  const ana = await Visitor.arrives(browser, line.url, 'ana');
  const bo = await Visitor.arrives(browser, server.url, 'bo');
  await ana.createsRoom('release');
  await bo.joinsRoom('release');
  line.cut();
  await ana.says('Into the dark');
  await ana.composer.fill('Half a thought');
  await endsAllSessionsOf('ana');
  line.mend();

  const dialog = ana.page.getByRole('dialog', { name: 'Sign in again' });
  await expect(dialog).toBeVisible();
  // Whoever listens to the page hears of the dialog only; the room is still there to be seen.
  await expect(ana.page.locator('li[data-key]', { hasText: 'Into the dark' })).toBeVisible();
  // Nothing but an answer closes it.
  await ana.page.keyboard.press('Escape');
  await expect(dialog).toBeVisible();
  await dialog.getByLabel('Password', { exact: true }).fill('wrong horse battery');
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await expect(dialog.getByRole('alert')).toContainText('not the password');
  await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await expect(dialog).toBeHidden();
  await expect(ana.composer).toHaveValue('Half a thought');
  await ana.sees('Into the dark');
  await bo.sees('Into the dark');
  await expect(bo.messages).toHaveCount(1);
  await ana.leavesInPeace();
  await bo.leavesInPeace();
  await line.close();
});

test('6: a visit that begins after the session ended stops at the door, and keeps what was written', async ({
  browser,
}) => {
  const ana = await Visitor.arrives(browser, server.url, 'ana');
  await ana.createsRoom('release');
  await ana.says('For our eyes only');
  await ana.sees('For our eyes only');
  await ana.composer.fill('Half a thought');
  const address = ana.page.url();
  await ana.page.goto('about:blank');
  await endsAllSessionsOf('ana');
  await ana.page.goto(address);
  await expect(ana.page.getByText('Your session has ended')).toBeVisible();
  await expect(ana.page.getByText('For our eyes only')).toHaveCount(0);
  await signsIn(ana.page, 'ana');
  await ana.sees('For our eyes only');
  await expect(ana.composer).toHaveValue('Half a thought');
  await ana.leavesInPeace();
});

test('6: signing out wipes what the browser kept, and asks first when something is not sent', async ({
  browser,
}) => {
  const line = await Line.to(server);
  const ana = await Visitor.arrives(browser, line.url, 'ana');
  await ana.createsRoom('release');
  await ana.says('Before');
  await ana.sees('Before');
  await ana.composer.fill('Half a thought');
  await expect.poll(() => keptIn(ana.page)).not.toEqual([]);

  line.holdAnswers();
  await ana.says('Going now');
  await expect(ana.page.getByText('Sending')).toBeVisible();
  await signsOut(ana);
  const question = ana.page.getByRole('alertdialog', { name: 'Sign out without sending?' });
  await question.getByRole('button', { name: 'Cancel' }).click();
  await expect(question).toBeHidden();
  line.letAnswersGo();
  await ana.sees('Going now');

  await signsOut(ana);
  await expect(ana.page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await expect.poll(() => keptIn(ana.page)).toEqual([]);
  await ana.leavesInPeace();
  await line.close();
});

test('68: the tabs of a browser are signed in and out together', async ({ browser }) => {
  const ana = await Visitor.arrives(browser, server.url, 'ana');
  await ana.createsRoom('release');
  const second = await ana.opensTab();
  await signsOut(second);
  await expect(ana.page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await expect.poll(() => keptIn(ana.page)).toEqual([]);
  await signsIn(second.page, 'ana');
  for (const tab of [ana, second]) {
    await expect(tab.page.getByRole('heading', { level: 1, name: 'release' })).toBeVisible();
  }

  // Signing in again in one is enough for all.
  await endsAllSessionsOf('ana');
  for (const tab of [ana, second]) await expect(tab.page.getByRole('dialog')).toBeVisible();
  await second.page.getByRole('dialog').getByLabel('Password', { exact: true }).fill(PASSWORD);
  await second.page.getByRole('dialog').getByRole('button', { name: 'Sign in' }).click();
  for (const tab of [ana, second]) await expect(tab.page.getByRole('dialog')).toBeHidden();
  await ana.says('Back again');
  await second.sees('Back again');
  await ana.leavesInPeace();
});

test('68: what is read in one tab is read in the other', async ({ browser }) => {
  const ana = await Visitor.arrives(browser, server.url, 'ana');
  const bo = await Visitor.arrives(browser, server.url, 'bo');
  await ana.createsRoom('release');
  const room = ana.page.url();
  await bo.joinsRoom('release');
  await ana.page.getByRole('link', { name: 'Browse rooms' }).first().click();
  const second = await ana.opensTab();
  await bo.says('Are you there?');
  await expect(ana.room('release')).toHaveAccessibleName(/1 unread/);
  await expect(second.room('release')).toHaveAccessibleName(/1 unread/);
  await second.page.goto(room);
  await second.page.bringToFront();
  await second.sees('Are you there?');
  await expect(ana.room('release')).toHaveAccessibleName('release');
  await ana.leavesInPeace();
  await bo.leavesInPeace();
});
