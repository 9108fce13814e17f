import { type CDPSession, expect, test } from '@playwright/test';
import { nextFrames } from '../support/jumps';
import { Line } from '../support/line';
import { Server } from '../support/server';
import { Visitor } from '../support/visitor';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

let server: Server;

test.beforeAll(async () => {
  server = await Server.start();
});

test.afterAll(() => server.stop());

test('27: one walks from a message to its actions and back by keyboard', async ({ browser }) => {
  const ana = await Visitor.arrives(browser, server.url, 'ana');
  const { page } = ana;
  await ana.createsRoom('keys');
  await ana.says('By keyboard');
  await ana.sees('By keyboard');
  await ana.composer.press('Shift+Tab');
  await expect(ana.message('By keyboard')).toBeFocused();
  await expect(ana.message('By keyboard').getByRole('toolbar')).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'React' })).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('button', { name: 'Reply' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(ana.message('By keyboard')).toBeFocused();

  // Any emoji by its name; the one that was used is at hand the next time.
  await page.keyboard.press('+');
  await expect(page.getByRole('gridcell').first()).toBeVisible();
  await page.getByRole('searchbox', { name: 'Search emoji' }).fill('crab');
  await expect(page.getByRole('gridcell', { name: 'crab' })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: '🦀, 1 person, you too' })).toBeVisible();
  await ana.chooses('By keyboard', 'React');
  await expect(page.getByRole('group', { name: 'Used last' }).getByRole('button').first()).toHaveText('🦀');
  await ana.leavesInPeace();
});

test('27: on a phone a long press opens all that can be done', async ({ browser }) => {
  const bea = await Visitor.arrives(browser, server.url, 'bea', PHONE);
  await bea.page.getByRole('button', { name: 'Create a room' }).last().tap();
  await bea.page.getByRole('textbox', { name: 'Name' }).fill('thumbs');
  await bea.page.getByRole('button', { name: 'Create room' }).tap();
  await bea.composer.fill('By thumb');
  await bea.page.getByRole('button', { name: 'Send' }).tap();
  await bea.sees('By thumb');
  const finger = await bea.context.newCDPSession(bea.page);
  const box = await bea.message('By thumb').boundingBox();
  if (!box) throw new Error('the message is not on the page');
  await touches(finger, { x: box.x + 100, y: box.y + box.height / 2 });
  const sheet = bea.page.getByRole('dialog', { name: 'Actions for the message of Bea' });
  await expect(sheet.getByRole('button', { name: 'Copy text' })).toBeVisible();
  await finger.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  for (const button of await sheet.getByRole('button').all()) {
    const size = await button.boundingBox();
    expect(Math.min(size?.width ?? 0, size?.height ?? 0)).toBeGreaterThanOrEqual(44);
  }
  await sheet.getByRole('button', { name: '🎉' }).first().tap();
  await expect(bea.page.getByRole('button', { name: '🎉, 1 person, you too' })).toBeVisible();
  await bea.leavesInPeace();
});

function touches(finger: CDPSession, { x, y }: { x: number; y: number }) {
  return finger.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x, y }] });
}

test('28: the Up arrow in an empty composer edits what one wrote last', async ({ browser }) => {
  const cid = await Visitor.arrives(browser, server.url, 'cid');
  const { page } = cid;
  await cid.createsRoom('edits');
  await cid.says('Frist');
  await cid.sees('Frist');
  const field = page.getByLabel('Edit message');
  await cid.composer.press('ArrowUp');
  await field.fill('Nonsense');
  await field.press('Escape');
  await cid.sees('Frist');
  await expect(cid.composer).toBeFocused();
  await cid.composer.press('ArrowUp');
  await field.fill('First');
  await field.press('Enter');
  await cid.sees('First');
  await expect(cid.message('First').getByText('edited')).toHaveAttribute('title', /20\d\d/);
  await cid.leavesInPeace();
});

test('28: what was edited on two devices is one text or the other, as its author says', async ({
  browser,
}) => {
  const dov = await Visitor.arrives(browser, server.url, 'dov');
  await dov.createsRoom('both');
  await dov.says('At noon');
  await dov.sees('At noon');
  const phone = await dov.opensTab();
  await phone.sees('At noon');
  await dov.chooses('At noon', 'Edit');
  await dov.page.getByLabel('Edit message').fill('At one');
  await phone.chooses('At noon', 'Edit');
  await phone.page.getByLabel('Edit message').fill('At two');
  await phone.page.getByLabel('Edit message').press('Enter');
  await expect(dov.page.getByText('At two')).toBeVisible();
  await dov.page.getByLabel('Edit message').press('Enter');
  await expect(dov.page.getByLabel('Edit message')).toHaveValue('At one');
  await dov.page.getByRole('button', { name: 'Keep what is written here' }).click();
  await phone.sees('At one');
  await dov.leavesInPeace();
});

test('28: of two edits that cross on their way neither is lost', async ({ browser }) => {
  const line = await Line.to(server);
  const lea = await Visitor.arrives(browser, line.url, 'lea');
  await lea.createsRoom('crossing');
  await lea.says('At noon');
  await lea.sees('At noon');
  const phone = await Visitor.returns(browser, server.url, 'lea');
  await phone.room('crossing').click();
  await phone.sees('At noon');

  const field = lea.page.getByLabel('Edit message');
  await lea.chooses('At noon', 'Edit');
  await field.fill('At one');
  line.holdAnswers();
  await phone.chooses('At noon', 'Edit');
  await phone.page.getByLabel('Edit message').fill('At two');
  await phone.page.getByLabel('Edit message').press('Enter');
  await phone.sees('At two');
  await expect(lea.page.getByText('At two')).toHaveCount(0);
  await field.press('Enter');
  await expect(lea.page.getByRole('button', { name: 'Save' })).toBeDisabled();
  line.letAnswersGo();

  await expect(lea.page.getByText('At two')).toBeVisible();
  await expect(lea.page.getByRole('button', { name: 'Keep what is written here' })).toBeEnabled();
  await expect(field).toHaveValue('At one');
  await phone.sees('At two');
  await lea.page.getByRole('button', { name: 'Keep what is written here' }).click();
  await lea.sees('At one');
  await phone.sees('At one');
  await lea.leavesInPeace();
  await phone.leavesInPeace();
  await line.close();
});

test('29: a deletion can be undone, and is done when one goes away', async ({ browser }) => {
  const eli = await Visitor.arrives(browser, server.url, 'eli');
  const flo = await Visitor.arrives(browser, server.url, 'flo');
  await eli.createsRoom('slips');
  await eli.says('A slip of the tongue');
  await flo.joinsRoom('slips');
  await flo.chooses('A slip of the tongue', 'Reply');
  await flo.says('What slip?');
  await eli.sees('What slip?');

  await eli.chooses('A slip of the tongue', 'More');
  await eli.page.getByRole('menuitem', { name: 'Delete' }).click();
  await expect(eli.message('A slip of the tongue')).toHaveCount(0);
  await eli.page.getByRole('button', { name: 'Undo' }).click();
  await eli.sees('A slip of the tongue');
  await flo.sees('A slip of the tongue');

  await eli.chooses('A slip of the tongue', 'More');
  await eli.page.getByRole('menuitem', { name: 'Delete' }).click();
  await expect(eli.page.getByRole('button', { name: 'Undo' })).toBeVisible();
  await eli.page.getByRole('link', { name: 'Browse rooms' }).first().click();
  await expect(flo.message('Message deleted')).toHaveCount(1);
  await expect(flo.page.getByText('A slip of the tongue')).toHaveCount(0);
  // The answer stands, and what it answered is nowhere.
  await flo.sees('What slip?');
  await expect.poll(() => flo.page.evaluate(everythingKept)).not.toContain('A slip of the tongue');
  await eli.leavesInPeace();
  await flo.leavesInPeace();
});

test('29: a deletion is not lost with the page', async ({ browser }) => {
  const gil = await Visitor.arrives(browser, server.url, 'gil');
  await gil.createsRoom('doors');
  await gil.says('On my way out');
  await gil.sees('On my way out');
  await gil.chooses('On my way out', 'More');
  await gil.page.getByRole('menuitem', { name: 'Delete' }).click();
  await gil.page.reload();
  await expect(gil.message('Message deleted')).toHaveCount(1);
  await expect(gil.page.getByText('On my way out')).toHaveCount(0);
  await gil.leavesInPeace();
});

test('29: whoever keeps a room in order is asked once before deleting what others wrote', async ({
  browser,
}) => {
  const hue = await Visitor.arrives(browser, server.url, 'hue');
  const ivo = await Visitor.arrives(browser, server.url, 'ivo');
  await hue.createsRoom('order');
  await ivo.joinsRoom('order');
  await ivo.says('Buy now');
  await hue.sees('Buy now');
  await hue.chooses('Buy now', 'More');
  await hue.page.getByRole('menuitem', { name: 'Delete' }).click();
  const question = hue.page.getByRole('alertdialog');
  await question.getByRole('button', { name: 'Cancel' }).click();
  await hue.sees('Buy now');
  await hue.chooses('Buy now', 'More');
  await hue.page.getByRole('menuitem', { name: 'Delete' }).click();
  await question.getByRole('button', { name: 'Delete' }).click();
  await expect(ivo.message('Message deleted')).toHaveCount(1);
  await hue.leavesInPeace();
  await ivo.leavesInPeace();
});

test('30: a reaction shows in the next frame, counts once and moves nothing above it', async ({
  browser,
}) => {
  const jan = await Visitor.arrives(browser, server.url, 'jan');
  const kit = await Visitor.arrives(browser, server.url, 'kit');
  await jan.createsRoom('claps');
  for (let line = 1; line <= 25; line += 1) await jan.says(`line ${line}.`);
  await jan.sees('line 25.');
  await kit.joinsRoom('claps');
  await kit.sees('line 25.');
  const top = async (text: string) => (await jan.message(text).boundingBox())?.y;
  const before = [await top('line 23.'), await top('line 25.')];
  await jan.chooses('line 25.', 'React');
  await jan.page.getByRole('button', { name: '🎉' }).first().click();
  const mine = jan.page.getByRole('button', { name: '🎉, 1 person, you too' });
  await expect(mine).toBeVisible();
  await nextFrames(jan.page, 3);
  expect([await top('line 23.'), await top('line 25.')]).toEqual(before);

  const theirs = kit.message('line 25.').getByRole('button', { name: '🎉, 1 person' });
  const shownWithin = await theirs.evaluate(async (button: HTMLElement) => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    button.click();
    for (let frames = 1; frames <= 30; frames += 1) {
      await frame();
      if (button.ariaPressed === 'true') return frames;
    }
    return Number.POSITIVE_INFINITY;
  });
  expect(shownWithin).toBeLessThanOrEqual(2);
  const both = kit.page.getByRole('button', { name: '🎉, 2 people, you too' });
  await expect(both).toBeVisible();
  await both.dblclick();
  await expect(theirs).toBeVisible();
  await expect(mine).toBeVisible();
  await mine.hover();
  await expect(jan.page.locator('[aria-hidden]', { hasText: /^you$/ })).toBeVisible();
  await jan.leavesInPeace();
  await kit.leavesInPeace();
});

/** All that this browser keeps of its accounts, in letters. */
async function everythingKept(): Promise<string> {
  const names = (await indexedDB.databases()).map(({ name }) => name ?? '');
  const kept = await Promise.all(
    names.map(async (name) => {
      const database = await promised(indexedDB.open(name));
      const stores = [...database.objectStoreNames];
      const transaction = database.transaction(stores);
      const all = await Promise.all(stores.map((store) => promised(transaction.objectStore(store).getAll())));
      database.close();
      return all;
    }),
  );
  return JSON.stringify([kept, localStorage]);

  function promised<Result>(request: IDBRequest<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }
}
