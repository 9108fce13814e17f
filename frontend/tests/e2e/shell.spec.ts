import { expect, type Locator, test } from '@playwright/test';
import { Server } from '../support/server';
import { Visitor } from '../support/visitor';

let server: Server;

test.beforeAll(async () => {
  server = await Server.start();
});

test.afterAll(() => server.stop());

const finder = ({ page }: Visitor) => page.getByRole('dialog', { name: 'Find anything' });

async function heading({ page }: Visitor, name: string): Promise<void> {
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}

test('54: one key finds rooms, people, settings and what can be done', async ({ browser }) => {
  const bo = await Visitor.arrives(browser, server.url, 'bo');
  const ana = await Visitor.arrives(browser, server.url, 'ana');
  for (const name of ['design review', 'garden', 'attic']) {
    await ana.page.goto(server.url);
    await ana.createsRoom(name);
  }
  const { page } = ana;
  const options = finder(ana).getByRole('option');

  // What was visited last comes first, and what is open already does not.
  await ana.room('garden').click();
  await heading(ana, 'garden');
  await page.keyboard.press('Control+K');
  await expect(options.first()).toHaveText(/^attic/);
  await page.keyboard.press('Enter');
  await heading(ana, 'attic');
  await expect(finder(ana)).toBeHidden();
  await expect(ana.composer).toBeFocused();

  // A few letters, typed without waiting.
  await page.keyboard.press('Control+K');
  await page.keyboard.type('drev');
  await page.keyboard.press('Enter');
  await heading(ana, 'design review');
  expect(await ana.composer.inputValue()).toBe('');

  // Somebody one has never met in a room.
  await page.keyboard.press('Control+K');
  await page.keyboard.type('bo');
  await expect(options.first()).toHaveText('Bobo');
  await page.keyboard.press('Enter');
  await heading(ana, 'Bo');

  // A setting, by name.
  await page.keyboard.press('Control+K');
  await page.keyboard.type('theme dark');
  await page.keyboard.press('Enter');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');

  // Nothing, and back to where one was.
  await page.keyboard.press('Control+K');
  await page.keyboard.type('zzzz');
  await expect(finder(ana)).toContainText('Nothing is called “zzzz”.');
  await page.keyboard.press('Escape');
  await expect(finder(ana)).toBeHidden();
  await expect(ana.composer).toBeFocused();
  await ana.leavesInPeace();
  await bo.leavesInPeace();
});

test('54: the list of shortcuts and the palette tell of the same commands', async ({ browser }) => {
  const cleo = await Visitor.arrives(browser, server.url, 'cleo');
  await cleo.createsRoom('den');
  const { page } = cleo;
  await page.keyboard.press('Control+K');
  const withKeys = finder(cleo)
    .getByRole('option')
    .filter({ has: page.locator('kbd') });
  const names = withKeys.locator('bdi');
  await expect(names.filter({ hasText: /^Next room$/ })).toBeVisible();
  const offered = await names.allInnerTexts();
  await page.keyboard.press('Escape');

  // In a text field `?` is a letter, outside of it a command.
  await page.keyboard.type('?');
  await expect(cleo.composer).toHaveValue('?');
  await cleo.composer.fill('');
  await page.keyboard.press('F6');
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(help).toBeVisible();
  const listed = await help.locator('dt').allInnerTexts();
  expect(listed).toEqual(expect.arrayContaining(offered));
  await cleo.leavesInPeace();
});

test('54: who leaves a dialog is at once where they were, and stays where they go', async ({ browser }) => {
  const gil = await Visitor.arrives(browser, server.url, 'gil');
  const { page } = gil;
  // As it is for somebody quick.
  await page.evaluate(() => {
    const slow = new CSSStyleSheet();
    slow.replaceSync('[data-modal] { transition-duration: 3s !important; }');
    document.adoptedStyleSheets.push(slow);
  });
  await gil.createsRoom('den');
  await expect(gil.composer).toBeFocused();
  await page.keyboard.type('a');
  await page.keyboard.press('Control+K');
  await expect(finder(gil).getByRole('combobox')).toBeFocused();
  await page.keyboard.press('Escape');
  await page.keyboard.type('b');
  await expect(gil.composer).toHaveValue('ab');
  await page.keyboard.press('F6');
  await expect(gil.composer).not.toBeFocused();
  await expect(page.locator('[data-modal]')).toHaveCount(0);
  await expect(gil.composer).not.toBeFocused();
  await gil.leavesInPeace();
});

test('56: F6 goes round the parts of the page, and Shift turns it about', async ({ browser }) => {
  const dan = await Visitor.arrives(browser, server.url, 'dan');
  await dan.createsRoom('den');
  await dan.says('one');
  await dan.says('two');
  await dan.sees('two');
  const { page } = dan;
  const focused = (region: string) =>
    expect(page.locator(`[data-region="${region}"]`).locator(':focus')).toHaveCount(1);

  await expect(dan.composer).toBeFocused();
  for (const region of ['panel', 'rooms', 'messages', 'composer']) {
    await page.keyboard.press('F6');
    await focused(region);
  }
  for (const region of ['messages', 'rooms', 'panel', 'composer']) {
    await page.keyboard.press('Shift+F6');
    await focused(region);
  }
  await dan.leavesInPeace();
});

test('56: a message is reached, answered, edited and reacted to by keys, and single keys can be turned off', async ({
  browser,
}) => {
  const eve = await Visitor.arrives(browser, server.url, 'eve');
  await eve.createsRoom('den');
  for (const text of ['first', 'second', 'third']) {
    await eve.says(text);
    await eve.sees(text);
  }
  const { page } = eve;
  const row = (text: string) => expect(eve.message(text)).toBeFocused();

  await page.keyboard.press('Shift+F6');
  await row('third');
  await page.keyboard.press('ArrowUp');
  await row('second');
  await page.keyboard.press('Home');
  await row('first');
  await page.keyboard.press('End');
  await row('third');
  // A key presses a button, which comes a moment after the focus the first time.
  await expect(eve.message('third').getByRole('toolbar')).toBeVisible();

  await page.keyboard.press('r');
  await expect(page.getByText('Replying to Eve')).toBeVisible();
  await expect(eve.composer).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByText('Replying to Eve')).toBeHidden();

  await page.keyboard.press('Shift+F6');
  await page.keyboard.press('e');
  await expect(page.getByLabel('Edit message')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByLabel('Edit message')).toBeHidden();
  await expect(eve.composer).toBeFocused();

  await page.keyboard.press('Shift+F6');
  await page.keyboard.press('+');
  await expect(page.getByRole('button', { name: '🎉' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: '🎉' })).toBeHidden();

  await page.keyboard.press('Control+,');
  await page.getByRole('checkbox', { name: /Single keys/ }).uncheck();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await eve.message('third').focus();
  await page.keyboard.press('r');
  await page.keyboard.press('?');
  await page.keyboard.press('Control+/');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await expect(page.getByText('Replying to Eve')).toBeHidden();
  await eve.leavesInPeace();
});

test('56: Escape leaves a menu, a dialog, an edit, a reply, a panel, and then goes to the latest', async ({
  browser,
}) => {
  const fay = await Visitor.arrives(browser, server.url, 'fay', { viewport: { width: 1000, height: 600 } });
  await fay.createsRoom('den');
  for (let number = 1; number <= 30; number += 1) await fay.says(`line ${number}.`);
  await fay.sees('line 30.');
  const { page } = fay;

  // Everything that can be left, opened in the opposite order.
  await fay.message('line 3.').scrollIntoViewIfNeeded();
  const latest = page.getByText('Latest', { exact: true });
  await expect(latest).toBeVisible();
  await fay.chooses('line 3.', 'Reply');
  const reply = page.getByText('Replying to Fay');
  await fay.chooses('line 3.', 'Edit');
  const edit = page.getByLabel('Edit message');
  await page.getByRole('button', { name: 'Show who is here' }).click();
  // Not by their roles, which a dialog takes from what lies below it.
  const panel = page.locator('[data-region="panel"]');
  await page.keyboard.press('Control+K');

  const open: [Locator, string][] = [
    [finder(fay), 'dialog'],
    [edit, 'edit'],
    [reply, 'reply'],
    [panel, 'panel'],
    [latest, 'latest'],
  ];
  for (const [layer, name] of open) await expect(layer, name).toBeVisible();
  for (let left = 1; left <= open.length; left += 1) {
    await page.keyboard.press('Escape');
    for (const [index, [layer, name]] of open.entries()) {
      const expected = expect(layer, `${name} after ${left}`);
      await (index < left ? expected.toBeHidden() : expected.toBeVisible());
    }
  }

  // A menu over all of it is left first too.
  await page.getByRole('button', { name: 'Show who is here' }).click();
  await page.getByRole('button', { name: 'Room menu' }).click();
  await expect(page.getByRole('menuitem', { name: 'Leave room' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('menuitem', { name: 'Leave room' })).toBeHidden();
  await expect(panel).toBeVisible();
  await fay.leavesInPeace();
});

test('65: whatever is closed gives the focus back to who opened it', async ({ browser }) => {
  const gus = await Visitor.arrives(browser, server.url, 'gus');
  await gus.createsRoom('den');
  const { page } = gus;

  const opened: [Locator, Locator][] = [
    [
      page.getByRole('button', { name: 'Create a room' }),
      page.getByRole('dialog', { name: 'Create a room' }),
    ],
    [
      page.getByRole('button', { name: 'Message someone' }),
      page.getByRole('dialog', { name: 'Message someone' }),
    ],
    [page.getByRole('button', { name: 'Find' }), finder(gus)],
    [page.getByRole('button', { name: 'Add people' }), page.getByRole('dialog', { name: 'Add people' })],
    [page.getByRole('button', { name: 'Room menu' }), page.getByRole('menu')],
  ];
  for (const [opener, overlay] of opened) {
    await opener.click();
    await expect(overlay).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(overlay).toBeHidden();
    await expect(opener).toBeFocused();
  }

  // What a menu opened gives it back to the menu’s button.
  const menus: [Locator, string, Locator][] = [
    [page.getByRole('button', { name: 'Account of Gus' }), 'Settings', page.getByRole('dialog')],
    [page.getByRole('button', { name: 'Account of Gus' }), 'Keyboard shortcuts', page.getByRole('dialog')],
    [page.getByRole('button', { name: 'Room menu' }), 'Leave room', page.getByRole('alertdialog')],
  ];
  for (const [opener, item, overlay] of menus) {
    await opener.click();
    await page.getByRole('menuitem', { name: item }).click();
    await expect(overlay).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(overlay).toBeHidden();
    await expect(opener).toBeFocused();
  }

  // By key, from where one was writing.
  for (const keys of ['Control+K', 'Control+,', 'Control+/']) {
    await gus.composer.focus();
    await page.keyboard.press(keys);
    await expect(page.getByRole('dialog')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toBeHidden();
    await expect(gus.composer).toBeFocused();
  }

  // What is opened while something else still closes keeps the focus, and every letter.
  await gus.composer.focus();
  await page.keyboard.press('Control+,');
  await expect(page.getByRole('dialog', { name: 'Settings' })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+K');
  await page.keyboard.type('letters');
  await expect(page.getByRole('dialog', { name: 'Settings' })).toBeHidden();
  await expect(page.getByRole('combobox')).toBeFocused();
  await expect(page.getByRole('combobox')).toHaveValue('letters');
  await page.keyboard.press('Escape');
  await expect(gus.composer).toBeFocused();
  await expect(gus.composer).toHaveValue('');

  // A panel that is closed from inside gives it back too.
  const toggle = page.getByRole('button', { name: /who is here/ }).first();
  await toggle.click();
  await toggle.click();
  await page.getByRole('complementary').getByRole('button', { name: 'Hide who is here' }).click();
  await expect(page.getByRole('button', { name: 'Show who is here' })).toBeFocused();
  await gus.leavesInPeace();
});

test('65: a room begins where one writes; on a touch screen, at its name', async ({ browser }) => {
  const hal = await Visitor.arrives(browser, server.url, 'hal');
  await hal.createsRoom('attic');
  await hal.page.goto(server.url);
  await hal.createsRoom('barn');
  await hal.room('attic').click();
  await expect(hal.composer).toBeFocused();
  await hal.room('attic').click();
  await expect(hal.composer).toBeFocused();
  await hal.page.goBack();
  await heading(hal, 'barn');
  await expect(hal.composer).toBeFocused();

  const phone = await Visitor.returns(browser, server.url, 'hal', {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  await phone.room('attic').tap();
  await expect(phone.page.getByRole('heading', { level: 1, name: 'attic' })).toBeFocused();
  await phone.page.getByRole('link', { name: 'Back to rooms' }).tap();
  await expect(phone.room('attic')).toBeFocused();
  await hal.leavesInPeace();
  await phone.leavesInPeace();
});
