import { expect, type Page, test } from '@playwright/test';
import { isAccessible, isStill } from '../support/eyes';
import { Guest } from '../support/guest';
import { Server } from '../support/server';
import { Visitor } from '../support/visitor';

let server: Server;

test.beforeEach(async () => {
  server = await Server.start();
});

test.afterEach(() => server.stop());

const CODE =
  'This is all of it:\n```ts\nconst answer = 42;\n```\n> as you said\n\nSee https://example.org/plan';

/** A room with messages of every kind, made by two others. */
async function livelyRoom(): Promise<{ roomId: string; bo: Guest; cleo: Guest }> {
  const bo = await Guest.arrives(server.url, 'bo', 'Bo Lind');
  const cleo = await Guest.arrives(server.url, 'cleo', 'Cleo Marsh');
  const roomId = await bo.makesRoom({ name: 'harbour', topic: 'Boats, tides and who paints what' });
  await cleo.joins(roomId);
  const plan = await bo.says(roomId, 'Shall we paint the hull on Friday?');
  await cleo.says(roomId, 'If it is dry, *yes*.', plan);
  const code = await bo.says(roomId, CODE);
  const slip = await cleo.says(roomId, 'Wrong room, sorry');
  const mended = await cleo.says(roomId, 'Blue or gren?');
  await cleo.takesBack(slip);
  await cleo.changes(mended, 'Blue or green?');
  await bo.reacts(mended, '🟦');
  await cleo.reacts(mended, '🟦');
  await cleo.reacts(code, '👍');
  return { roomId, bo, cleo };
}

async function closes(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await expect(page.locator('[data-modal], [role="menu"]')).toHaveCount(0);
}

test('63: the door is open to everybody, also when something is wrong', async ({ browser }) => {
  const page = await browser.newPage();
  await page.goto(server.url);
  const create = page.getByRole('button', { name: 'Create account' });
  await expect(page.getByRole('heading', { name: 'Create the owner account' })).toBeVisible();
  await isAccessible(page, 'the first account');
  await create.click();
  await expect(page.getByRole('alert')).toBeFocused();
  await isAccessible(page, 'the first account, with errors');

  (await Guest.arrives(server.url, 'bo', 'Bo Lind')).leaves();
  await page.goto(`${server.url}/setup`);
  await expect(page.getByRole('heading', { name: 'This server has its owner.' })).toBeVisible();
  await isAccessible(page, 'no owner to be made any more');
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('Username or email').fill('bo');
  await page.getByLabel('Password', { exact: true }).fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toBeFocused();
  await isAccessible(page, 'signing in, with an error');
  await page.getByRole('link', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { name: 'Create your account' })).toBeVisible();
  await isAccessible(page, 'signing up');
  await page.close();
});

test('63: a room is open to everybody, whatever is in it and whatever is done in it', async ({ browser }) => {
  test.setTimeout(600_000);
  const { roomId, bo, cleo } = await livelyRoom();
  const ana = await Visitor.arrives(browser, server.url, 'ana');
  const { page } = ana;
  await cleo.joins(await bo.makesRoom({ name: 'garden', topic: 'Seeds and slugs' }));
  await isAccessible(page, 'an empty home');

  await page.goto(`${server.url}/r/${roomId}`);
  await ana.sees('Blue or green?');
  await isAccessible(page, 'a room for a visitor');
  await page.getByRole('button', { name: 'Join room' }).click();
  await expect(ana.composer).toBeVisible();
  await ana.says('Blue, like the tide');
  await ana.sees('Blue, like the tide');
  await cleo.says(roomId, '@ana then you paint it');
  await ana.sees('@ana then you paint it');
  await isAccessible(page, 'a lively room');
  await page.locator('html').evaluate((html) => html.setAttribute('data-density', 'compact'));
  await ana.message('Blue, like the tide').hover();
  await isAccessible(page, 'what can be done with a message, compact');
  await page.locator('html').evaluate((html) => html.setAttribute('data-density', 'comfortable'));
  await ana.chooses('Blue or green?', 'Reply');
  await isAccessible(page, 'a reply that is begun');
  await page.keyboard.press('Escape');
  await ana.chooses('Blue, like the tide', 'Edit');
  await expect(page.getByRole('textbox', { name: 'Edit message' })).toBeFocused();
  await isAccessible(page, 'an editor');
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Room menu' }).click();
  await expect(page.getByRole('menu')).toBeVisible();
  await isAccessible(page, 'the menu of a room');
  await page.getByRole('menuitem', { name: 'Leave room' }).click();
  await expect(page.getByRole('alertdialog')).toBeVisible();
  await isAccessible(page, 'a question');
  await page.getByRole('button', { name: 'Cancel' }).click();

  // Refused when the line is back, since the room is archived by then.
  await page.context().setOffline(true);
  await expect(page.getByRole('button', { name: 'Retry now' })).toBeVisible();
  await ana.says('Can you hear me?');
  await expect(page.getByText('Waiting for a connection')).toBeVisible();
  await isAccessible(page, 'a broken line');
  await bo.archives(roomId);
  await page.context().setOffline(false);
  await expect(page.getByText('Not sent.')).toBeVisible();
  await isAccessible(page, 'a message that was refused, in an archived room');

  bo.leaves();
  cleo.leaves();
  await ana.leavesInPeace();
});

test('63: what opens over the page, and pages without a room, are open to everybody', async ({ browser }) => {
  test.setTimeout(600_000);
  const ana = await Visitor.arrives(browser, server.url, 'ana');
  const { bo, cleo } = await livelyRoom();
  const { page } = ana;
  const main = page.getByRole('main');

  await page.getByRole('link', { name: 'Browse rooms' }).first().click();
  await expect(page.getByRole('button', { name: 'Join harbour' })).toBeVisible();
  await isAccessible(page, 'the browser of rooms');

  await page.keyboard.press('Control+K');
  await expect(page.getByRole('option').first()).toBeVisible();
  await isAccessible(page, 'the palette');
  await closes(page);
  for (const [keys, title] of [
    ['Control+/', 'Keyboard shortcuts'],
    ['Control+,', 'Settings'],
  ] as const) {
    await page.keyboard.press(keys);
    await expect(page.getByRole('dialog', { name: title })).toBeVisible();
    await isAccessible(page, title);
    await closes(page);
  }
  for (const name of ['Create a room', 'Message someone']) {
    await page.getByRole('navigation').getByRole('button', { name }).first().click();
    await expect(page.getByRole('dialog', { name })).toBeVisible();
    if (name === 'Create a room') await page.getByRole('button', { name: 'Create room' }).click();
    await isAccessible(page, name);
    await closes(page);
  }
  await page.getByRole('button', { name: 'Account of Ana' }).click();
  await expect(page.getByRole('menu')).toBeVisible();
  await isAccessible(page, 'the menu of the account');
  await closes(page);

  await page.goto(`${server.url}/r/019400000000-0000-7000-8000-000000000000`);
  await expect(main.getByRole('heading', { name: 'This room is not here.' })).toBeVisible();
  await isAccessible(page, 'a room that is not here');
  await page.goto(`${server.url}/nowhere`);
  await expect(main.getByRole('heading', { name: 'There is nothing at this address.' })).toBeVisible();
  await isAccessible(page, 'no page');

  await (await Guest.returns(server.url, 'ana')).endsAllSessions();
  await expect(page.getByRole('dialog', { name: 'Sign in again' })).toBeVisible();
  // What has the focus nowhere has it in the dialog all the same.
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await page.keyboard.press('Control+K');
  await expect(page.getByRole('dialog')).toHaveCount(1);
  await isAccessible(page, 'signing in again');
  bo.leaves();
  cleo.leaves();
  await ana.leavesInPeace();
});

test('63: the focus is always to be seen, and nothing lies over what has it', async ({ browser }) => {
  const { roomId, bo, cleo } = await livelyRoom();
  for (let number = 1; number <= 30; number += 1) await bo.says(roomId, `Knot ${number}`);
  const ana = await Visitor.arrives(browser, server.url, 'ana');
  const { page } = ana;
  await page.goto(`${server.url}/r/${roomId}`);
  await page.getByRole('button', { name: 'Join room' }).click();
  await expect(ana.composer).toBeFocused();

  const seen = () =>
    page.evaluate(() => {
      const focused = document.activeElement;
      if (!focused || focused === document.body) return 'nobody';
      const name = focused.outerHTML.slice(0, 100);
      const { left, top, width, height } = focused.getBoundingClientRect();
      // The ring may be that of the well a field stands in.
      const ringed = [focused, focused.parentElement].some(
        (one) => one && getComputedStyle(one).outlineStyle !== 'none',
      );
      if (!ringed) return `${name} has no ring`;
      const inView = (value: number, most: number) => Math.min(Math.max(value, 1), most - 1);
      const [x, y] = [inView(left + width / 2, innerWidth), inView(top + height / 2, innerHeight)];
      const above = document.elementFromPoint(x, y);
      const free = above && (focused.contains(above) || above.contains(focused));
      return free ? 'seen' : `${name} is hidden by ${above?.outerHTML.slice(0, 100)}`;
    });

  const found = new Set<string>();
  for (let press = 0; press < 25; press += 1) {
    await page.keyboard.press('Tab');
    found.add(await seen());
  }
  // Through the messages, up below the day that stays at the top and back to the end.
  await page.locator('li[data-id]').last().focus();
  for (let press = 0; press < 30; press += 1) {
    await page.keyboard.press('ArrowUp');
    found.add(await seen());
  }
  found.delete('nobody');
  expect([...found]).toEqual(['seen']);
  bo.leaves();
  cleo.leaves();
  await ana.leavesInPeace();
});

test('63: text may be spaced as WCAG 1.4.12 says, and all of it stays to be read', async ({ browser }) => {
  const ana = await Visitor.arrives(browser, server.url, 'ana');
  const { page } = ana;
  const { roomId, bo, cleo } = await livelyRoom();
  await page.goto(`${server.url}/r/${roomId}`);
  await ana.sees('Blue or green?');
  const cut = () =>
    page.evaluate(() => {
      const spaced = new CSSStyleSheet();
      spaced.replaceSync(
        '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } ' +
          'p { margin-block-end: 2em !important }',
      );
      document.adoptedStyleSheets = [spaced];
      const cuts: string[] = [];
      if (document.documentElement.scrollWidth > innerWidth) cuts.push('the page is too wide');
      for (const part of document.querySelectorAll<HTMLElement>(
        'button, a, h1, h2, h3, label, li[data-id]',
      )) {
        if (!part.checkVisibility() || part.closest('.visually-hidden')) continue;
        const { overflowX, overflowY, textOverflow } = getComputedStyle(part);
        const wide =
          overflowX !== 'visible' && textOverflow !== 'ellipsis' && part.scrollWidth > part.clientWidth + 1;
        const high = overflowY === 'hidden' && part.scrollHeight > part.clientHeight + 1;
        const { right, bottom } = part.getBoundingClientRect();
        const around = part.parentElement?.getBoundingClientRect();
        const outside =
          around && part.matches('button, a') && (right > innerWidth + 1 || bottom > around.bottom + 4);
        if (wide || high || outside) cuts.push(part.outerHTML.slice(0, 120));
      }
      return cuts;
    });
  expect(await cut()).toEqual([]);
  await page.getByRole('link', { name: 'Browse rooms' }).first().click();
  await expect(page.getByRole('button', { name: 'Join harbour' })).toBeVisible();
  expect(await cut()).toEqual([]);
  await page.keyboard.press('Control+,');
  await expect(page.getByRole('dialog', { name: 'Settings' })).toBeVisible();
  await isStill(page);
  expect(await cut()).toEqual([]);
  bo.leaves();
  cleo.leaves();
  await ana.leavesInPeace();
});
