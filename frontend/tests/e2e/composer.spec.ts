import { type Browser, expect, type Page, test } from '@playwright/test';
import { Server } from '../support/server';
import { Visitor } from '../support/visitor';

let server: Server;

test.beforeAll(async () => {
  server = await Server.start();
});

test.afterAll(() => server.stop());

const listbox = ({ page }: Visitor, name: string) => page.getByRole('listbox', { name });
const active = ({ page }: Visitor) => page.locator('[role="option"][aria-selected="true"]');

/** An own name of the room, so that tests leave each other alone. The first of all becomes the owner, alone. */
async function together(
  browser: Browser,
  room: string,
  ...[one, ...rest]: [string, ...string[]]
): Promise<[Visitor, ...Visitor[]]> {
  const first = await Visitor.arrives(browser, server.url, one);
  const others = await Promise.all(rest.map((name) => Visitor.arrives(browser, server.url, name)));
  await first.createsRoom(room);
  for (const other of others) await other.joinsRoom(room);
  return [first, ...others];
}

test('44: a name is completed by who belongs here and who spoke last, and calls whom it names', async ({
  browser,
}) => {
  const [ana, bea, ben] = await together(browser, 'garden', 'ana', 'bea', 'ben');
  const stranger = await Visitor.arrives(browser, server.url, 'becca');
  if (!ana || !bea || !ben) throw new Error('somebody is missing');
  await ben.says('Here I am');
  await ana.sees('Here I am');

  await ana.composer.pressSequentially('@be');
  const options = listbox(ana, 'People').getByRole('option');
  await expect(options).toHaveText([/^Ben/, /^Bea/, /^Becca.*not in this room/]);
  await expect(ana.composer).toBeFocused();
  await expect(ana.composer).toHaveAttribute(
    'aria-activedescendant',
    (await options.first().getAttribute('id')) ?? '',
  );
  await ana.page.keyboard.press('ArrowDown');
  await expect(active(ana)).toHaveText(/^Bea/);
  await ana.page.keyboard.press('Tab');
  await expect(ana.composer).toHaveValue('@bea ');
  await expect(ana.composer).toBeFocused();

  // Written as if by hand, so it is undone like that.
  await ana.page.keyboard.press('Control+Z');
  await expect(ana.composer).not.toHaveValue('@bea ');
  await ana.composer.fill('');
  await ana.composer.pressSequentially('@bea');
  await ana.page.keyboard.press('Enter');
  await ana.page.keyboard.type('can you water it?');
  await ana.page.keyboard.press('Enter');
  await expect(bea.message('can you water it?').locator('strong', { hasText: '@bea' })).toBeVisible();
  for (const visitor of [ana, bea, ben, stranger]) await visitor.leavesInPeace();
});

test('44: eight rows are in view, the arrows bring the others, and Escape leaves the list before anything else', async ({
  browser,
}) => {
  const cleo = await Visitor.arrives(browser, server.url, 'cleo');
  await cleo.createsRoom('attic');
  await cleo.says('one');
  await cleo.sees('one');
  await cleo.chooses('one', 'Reply');
  const { page } = cleo;

  await cleo.composer.pressSequentially('so :sm');
  const list = listbox(cleo, 'Emoji');
  await expect(list).toBeVisible();
  expect(await list.getByRole('option').count()).toBeGreaterThan(8);
  expect(await rowsInView(page)).toBe(8);
  for (let step = 0; step < 10; step += 1) await page.keyboard.press('ArrowDown');
  await expect(active(cleo)).toBeInViewport({ ratio: 1 });
  expect(await rowsInView(page)).toBe(8);
  await page.keyboard.press('ArrowUp');

  await page.keyboard.press('Escape');
  await expect(list).toBeHidden();
  await expect(page.getByText('Replying to Cleo')).toBeVisible();
  await expect(cleo.composer).toHaveValue('so :sm');
  await page.keyboard.press('Escape');
  await expect(page.getByText('Replying to Cleo')).toBeHidden();

  await cleo.composer.fill('');
  await cleo.composer.pressSequentially('done :tada');
  await expect(list.getByRole('option').first()).toContainText(':tada:');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await cleo.sees('done 🎉');
  await cleo.leavesInPeace();
});

/** How many rows of the list are wholly in view. */
function rowsInView(page: Page): Promise<number> {
  return page.evaluate(() => {
    const list = document.querySelector('[role="listbox"]');
    const view = list?.getBoundingClientRect();
    if (!list || !view) return 0;
    return [...list.children].filter((row) => {
      const { top, bottom } = row.getBoundingClientRect();
      return top >= view.top - 1 && bottom <= view.bottom + 1;
    }).length;
  });
}

test('44: rooms are completed, and commands are done: muted, unmuted, left', async ({ browser }) => {
  const dan = await Visitor.arrives(browser, server.url, 'dan');
  const { page } = dan;
  for (const name of ['kitchen', 'kiosk']) {
    await page.goto(server.url);
    await dan.createsRoom(name);
  }
  await dan.composer.pressSequentially('see #ki');
  await listbox(dan, 'Rooms')
    .getByRole('option', { name: /kitchen/ })
    .click();
  await expect(dan.composer).toHaveValue('see #kitchen ');
  await expect(dan.composer).toBeFocused();

  await dan.composer.fill('');
  await dan.composer.pressSequentially('/mu');
  await expect(listbox(dan, 'Commands').getByRole('option')).toHaveText([/^\/mute/]);
  await page.keyboard.press('Enter');
  await expect(dan.room('kiosk')).toHaveAccessibleName(/muted/);
  await expect(dan.composer).toHaveValue('');
  await dan.composer.pressSequentially('/unmute');
  await page.keyboard.press('Tab');
  await expect(dan.room('kiosk')).not.toHaveAccessibleName(/muted/);

  await dan.composer.pressSequentially('/shrug');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await dan.sees('(ツ)');

  await dan.composer.pressSequentially('/leave');
  await page.keyboard.press('Enter');
  await page
    .getByRole('alertdialog', { name: 'Leave kiosk?' })
    .getByRole('button', { name: 'Leave' })
    .click();
  await expect(dan.room('kiosk')).toHaveCount(0);
  await dan.leavesInPeace();
});

/** Counts what a page says over its socket. */
function countsSaid(page: Page, event: string): () => number {
  let said = 0;
  page.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => {
      if (String(payload).includes(`["${event}"`)) said += 1;
    }),
  );
  return () => said;
}

/** From here on time passes on this page only when the test says so. */
async function holdsTime({ page }: Visitor): Promise<void> {
  await page.clock.pauseAt(new Date((await page.evaluate(() => Date.now())) + 10_000));
}

/** Lets time pass where it is held, as much as a frame takes or more, until something is so. */
async function soon({ page }: Visitor, isSo: () => Promise<boolean>, step = 20): Promise<void> {
  await expect
    .poll(async () => {
      await page.clock.runFor(step);
      return isSo();
    })
    .toBe(true);
}

test('48: typing is told every three seconds at most, expires after five, and moves nothing', async ({
  browser,
}) => {
  const [eve, fay, gil] = await together(browser, 'cellar', 'eve', 'fay', 'gil');
  if (!fay || !gil) throw new Error('somebody is missing');
  await eve.page.clock.install();
  await fay.page.clock.install();
  const told = countsSaid(fay.page, 'start_typing');
  await fay.page.reload();
  await fay.isIn();
  await eve.says('well?');
  await fay.sees('well?');
  await holdsTime(eve);
  await holdsTime(fay);
  const before = await eve.message('well?').boundingBox();
  const line = (text: string) => eve.page.getByText(text, { exact: true });

  await fay.composer.pressSequentially('I think so, but');
  await soon(eve, () => line('Fay is typing').isVisible());
  expect(await eve.message('well?').boundingBox()).toEqual(before);
  expect(told()).toBe(1);
  await fay.page.clock.runFor(3_000);
  await fay.composer.pressSequentially(' wait');
  await expect.poll(told).toBe(2);

  await gil.composer.pressSequentially('no');
  await soon(eve, () => line('Fay and Gil are typing').isVisible());
  // Nothing more is heard of them: for the reader five seconds pass.
  await eve.page.clock.runFor(5_000);
  await soon(eve, () => eve.page.getByText(/typing/).isHidden());
  expect(await eve.message('well?').boundingBox()).toEqual(before);
  for (const visitor of [eve, fay, gil]) await visitor.leavesInPeace();
});

test('49: whoever does nothing for five minutes is away, and back after more than a glance', async ({
  browser,
}) => {
  const hal = await Visitor.arrives(browser, server.url, 'hal');
  const ida = await Visitor.arrives(browser, server.url, 'ida');
  await ida.page.clock.install();
  await ida.page.reload();
  await hal.createsRoom('porch');
  await ida.joinsRoom('porch');
  await ida.composer.click();
  const row = hal.page
    .getByRole('complementary', { name: 'Who is here' })
    .getByRole('listitem')
    .filter({ hasText: 'Ida' });
  const dot = (word: string) => row.getByRole('img', { name: word });
  // After so long the connection is made anew, which takes its time too.
  const shows = (word: string) => soon(ida, () => dot(word).isVisible(), 500);
  await expect(dot('online')).toBeVisible();
  await holdsTime(ida);

  await ida.page.clock.fastForward('05:00');
  await shows('away');
  // A glance, and then a stay.
  await ida.page.mouse.move(300, 300);
  await ida.page.clock.runFor(3_000);
  await hal.says('Is anybody there?');
  await soon(ida, () => ida.message('Is anybody there?').isVisible());
  await expect(dot('away')).toBeVisible();
  await ida.page.clock.runFor(2_000);
  await shows('online');

  await ida.page.clock.fastForward('05:00');
  await shows('away');
  await ida.composer.pressSequentially('back');
  await shows('online');

  await ida.leavesInPeace();
  await expect(row.getByText('seen just now')).toBeVisible();
  await expect(dot('offline')).toBeVisible();
  await hal.leavesInPeace();
});

test('49: who hides when they were last here is seen to be gone, and not since when', async ({ browser }) => {
  const jon = await Visitor.arrives(browser, server.url, 'jon');
  const kim = await Visitor.arrives(browser, server.url, 'kim');
  await jon.createsRoom('loft');
  await kim.joinsRoom('loft');
  const row = jon.page
    .getByRole('complementary', { name: 'Who is here' })
    .getByRole('listitem')
    .filter({ hasText: 'Kim' });
  const dot = (word: string) => row.getByRole('img', { name: word });
  const box = async ({ page }: Visitor) => {
    await page.getByRole('button', { name: 'Account of Kim' }).click();
    await page.getByRole('menuitem', { name: 'Settings' }).click();
    return page.getByRole('checkbox', { name: /Others see when you were last here/ });
  };
  const taken = ({ page }: Visitor) =>
    page.waitForResponse((answer) => answer.request().method() === 'PATCH' && answer.ok());

  const desk = await box(kim);
  await expect(desk).toBeChecked();
  const hidden = taken(kim);
  await desk.uncheck();
  await hidden;
  await kim.leavesInPeace();
  await expect(dot('offline')).toBeVisible();
  await expect(row).not.toContainText('seen');
  await jon.page.reload();
  await expect(dot('offline')).toBeVisible();
  await expect(row).not.toContainText('seen');

  const phone = await Visitor.returns(browser, server.url, 'kim');
  await expect(dot('online')).toBeVisible();
  const there = await box(phone);
  await expect(there).not.toBeChecked();
  const shown = taken(phone);
  await there.check();
  await shown;
  await phone.leavesInPeace();
  await expect(row.getByText('seen just now')).toBeVisible();
  await jon.leavesInPeace();
});
