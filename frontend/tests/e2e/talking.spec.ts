import { expect, test } from '@playwright/test';
import { Server } from '../support/server';
import { Visitor } from '../support/visitor';

let server: Server;

test.beforeAll(async () => {
  server = await Server.start();
});

test.afterAll(() => server.stop());

test('two people talk', async ({ browser }) => {
  const ana = await Visitor.arrives(browser, server.url, 'ana');
  const bo = await Visitor.arrives(browser, server.url, 'bo');
  await ana.createsRoom('release');
  await ana.says('Shall we ship it on Friday?');
  await bo.joinsRoom('release');
  await bo.sees('Shall we ship it on Friday?');

  // Who is here.
  const here = ana.page
    .getByRole('complementary', { name: 'Who is here' })
    .getByRole('list', { name: 'Here now' });
  await expect(here.getByRole('listitem')).toHaveCount(2);
  await expect(here).toContainText('Bo');

  // Typing, and the message it becomes.
  await bo.composer.pressSequentially('I think the list is ready.');
  await expect(ana.page.getByText('Bo is typing')).toBeVisible();
  await bo.composer.press('Enter');
  await ana.sees('I think the list is ready.');
  await expect(ana.page.getByText('Bo is typing')).toBeHidden();

  // A reply names what it answers.
  await ana.chooses('I think the list is ready.', 'Reply');
  await ana.says('Then Friday it is.');
  await bo.sees('Then Friday it is.');
  await expect(bo.message('Then Friday it is.').getByRole('button', { name: /Reply to Bo/ })).toContainText(
    'I think the list is ready.',
  );

  // Editing.
  await bo.chooses('I think the list is ready.', 'Edit');
  await bo.page.getByLabel('Edit message').fill('I am sure the list is ready.');
  await bo.page.getByLabel('Edit message').press('Enter');
  await ana.sees('I am sure the list is ready.');
  await expect(ana.message('I am sure the list is ready.').getByText('edited')).toBeVisible();

  // Reacting, and taking it back.
  await ana.chooses('Shall we ship it on Friday?', 'React');
  await ana.page.getByRole('button', { name: '🎉' }).click();
  const reaction = bo.message('Shall we ship it on Friday?').getByRole('button', { name: /🎉, 1 person/ });
  await expect(reaction).toBeVisible();
  await reaction.click();
  await expect(ana.page.getByRole('button', { name: /🎉, 2 people, you too/ })).toBeVisible();

  // Deleting leaves a trace, and not the text.
  await bo.says('A slip of the tongue');
  await ana.sees('A slip of the tongue');
  await bo.chooses('A slip of the tongue', 'More');
  await bo.page.getByRole('menuitem', { name: 'Delete' }).click();
  // Until the time to undo it is over.
  await expect(ana.message('Message deleted')).toBeVisible();
  await expect(ana.message('A slip of the tongue')).toHaveCount(0);

  // All of it is still there after a reload.
  await ana.page.reload();
  await ana.sees('Shall we ship it on Friday?');
  await ana.sees('I am sure the list is ready.');
  await ana.sees('Then Friday it is.');
  await expect(ana.message('A slip of the tongue')).toHaveCount(0);
  await expect(ana.messages).toHaveCount(4);

  await ana.leavesInPeace();
  await bo.leavesInPeace();
});

test('somebody elsewhere sees how much they have missed, until they have read it', async ({ browser }) => {
  const cleo = await Visitor.arrives(browser, server.url, 'cleo');
  const dan = await Visitor.arrives(browser, server.url, 'dan');
  await cleo.createsRoom('garden');
  await dan.joinsRoom('garden');
  await cleo.page.getByRole('link', { name: 'Browse rooms' }).first().click();

  await dan.says('First');
  await dan.says('Second');
  const link = cleo.room('garden');
  await expect(link).toHaveAccessibleName(/2 unread/);
  await dan.says('@cleo, can you water it?');
  await expect(link).toHaveAccessibleName(/1 for you/);

  await link.click();
  await cleo.sees('@cleo, can you water it?');
  await expect(cleo.page.getByText(/^New since/)).toBeVisible();
  await expect(link).toHaveAccessibleName('garden');

  await cleo.leavesInPeace();
  await dan.leavesInPeace();
});

test('two people write to each other in private', async ({ browser }) => {
  const eve = await Visitor.arrives(browser, server.url, 'eve');
  const fay = await Visitor.arrives(browser, server.url, 'fay');
  await eve.page.getByRole('button', { name: 'Message someone' }).click();
  await eve.page.getByLabel('Find people').fill('fay');
  await eve.page.getByRole('button', { name: 'Fay fay' }).click();
  await eve.page.getByRole('button', { name: 'Open conversation' }).click();
  await expect(eve.page.getByRole('heading', { level: 1, name: 'Fay' })).toBeVisible();
  await eve.says('Just between us');

  const link = fay.room('Eve');
  await expect(link).toHaveAccessibleName(/1 for you/);
  await link.click();
  await fay.sees('Just between us');

  await eve.leavesInPeace();
  await fay.leavesInPeace();
});

test('a link into a room survives the door, and signing out closes it again', async ({ browser }) => {
  const gus = await Visitor.arrives(browser, server.url, 'gus');
  await gus.createsRoom('workshop');
  const link = gus.page.url();
  await gus.page.getByRole('button', { name: 'Account of Gus' }).click();
  await gus.page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(gus.page.getByRole('heading', { name: 'Sign in' })).toBeVisible();

  await gus.page.goto(link);
  await gus.page.getByLabel('Username or email').fill('gus');
  await gus.page.getByLabel('Password', { exact: true }).fill('wrong horse battery');
  await gus.page.getByRole('button', { name: 'Sign in' }).click();
  await expect(gus.page.getByRole('alert')).toContainText('do not match');
  await gus.page.getByLabel('Password', { exact: true }).fill('correct horse battery');
  await gus.page.getByRole('button', { name: 'Sign in' }).click();
  await expect(gus.page.getByRole('heading', { level: 1, name: 'workshop' })).toBeVisible();
  await gus.leavesInPeace();
});
