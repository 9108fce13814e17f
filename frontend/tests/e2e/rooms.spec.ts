import { expect, test } from '@playwright/test';
import { Guest } from '../support/guest';
import { Server } from '../support/server';
import { Visitor } from '../support/visitor';

let server: Server;

test.beforeAll(async () => {
  server = await Server.start();
});

test.afterAll(() => server.stop());

interface Counts {
  unread: number;
  mentions: number;
}

/** What the server says is unread, by the name of the room. */
function truth({ page }: Visitor): Promise<Record<string, Counts>> {
  return page.evaluate(async () => {
    const response = await fetch('/api/rooms?joined=true');
    const { rooms } = (await response.json()) as { rooms: { name: string; membership: Counts }[] };
    return Object.fromEntries(
      rooms.map(({ name, membership: { unread, mentions } }) => [name, { unread, mentions }]),
    );
  });
}

/** What the list says is unread, in the words it has for those who do not see it. */
function badges({ page }: Visitor): Promise<Record<string, string>> {
  return page.evaluate(() => {
    const rows = [...document.querySelectorAll('nav a[data-room]')];
    const textIn = (row: Element, part: string) => row.querySelector(part)?.textContent ?? '';
    return Object.fromEntries(rows.map((row) => [textIn(row, 'bdi'), textIn(row, '.visually-hidden')]));
  });
}

async function agrees(visitor: Visitor, expected: Record<string, Counts>): Promise<void> {
  await expect.poll(() => truth(visitor)).toEqual(expected);
  const said = Object.entries(expected).map(([name, { unread, mentions }]) => [
    name,
    mentions > 0 ? `${mentions} for you` : unread > 0 ? `${unread} unread` : '',
  ]);
  await expect.poll(() => badges(visitor)).toEqual(Object.fromEntries(said));
}

/** Says something without a page in between. */
async function posts({ page }: Visitor, roomId: string, ...texts: string[]): Promise<void> {
  for (const content of texts) {
    const response = await page.request.post(`${server.url}/api/rooms/${roomId}/messages`, {
      headers: { origin: server.url },
      data: { content },
    });
    expect(response.ok()).toBe(true);
  }
}

test('11: badges say what the server says, wherever somebody reads', async ({ browser }) => {
  const ana = await Visitor.arrives(browser, server.url, 'ana');
  const bo = await Visitor.arrives(browser, server.url, 'bo');
  await bo.createsRoom('garden');
  const garden = bo.page.url().split('/').at(-1) ?? '';
  await ana.joinsRoom('garden');
  await ana.page.goto(`${server.url}/browse`);

  await posts(bo, garden, 'one', 'two', 'three');
  await agrees(ana, { garden: { unread: 3, mentions: 0 } });

  // Here.
  await ana.room('garden').click();
  await ana.sees('three');
  await agrees(ana, { garden: { unread: 0, mentions: 0 } });
  await ana.page.goto(`${server.url}/browse`);

  // In another tab.
  await posts(bo, garden, 'four', '@ana, five');
  await agrees(ana, { garden: { unread: 2, mentions: 1 } });
  const tab = await ana.opensTab();
  await tab.room('garden').click();
  await tab.sees('@ana, five');
  await agrees(ana, { garden: { unread: 0, mentions: 0 } });
  await tab.page.close();

  // On another device.
  await posts(bo, garden, 'six');
  await agrees(ana, { garden: { unread: 1, mentions: 0 } });
  const phone = await Visitor.returns(browser, server.url, 'ana');
  await phone.room('garden').click();
  await phone.sees('six');
  await agrees(ana, { garden: { unread: 0, mentions: 0 } });
  await phone.page.goto(`${server.url}/browse`);

  // What came and what was read while the line was cut.
  await server.kill();
  await server.startAgain();
  await posts(bo, garden, 'seven', 'eight');
  await agrees(ana, { garden: { unread: 2, mentions: 0 } });
  await agrees(phone, { garden: { unread: 2, mentions: 0 } });

  await ana.leavesInPeace();
  await phone.leavesInPeace();
  await bo.leavesInPeace();
});

test('12: a thousand rooms are listed without being drawn, and found by a few letters', async ({
  browser,
}) => {
  const guest = await Guest.arrives(server.url, 'cleo', 'Cleo');
  for (let number = 1; number <= 1_000; number += 1) {
    await guest.makesRoom({ name: `room ${number}`, kind: 'private' });
  }
  guest.leaves();
  const cleo = await Visitor.returns(browser, server.url, 'cleo');
  const rows = cleo.page.getByRole('navigation').locator('a[data-room]');
  await expect(rows.first()).toBeVisible();
  expect(await rows.count()).toBeLessThan(100);

  // The arrow keys and the wheel reach all of them.
  await rows.first().focus();
  await cleo.page.keyboard.press('End');
  const last = cleo.room('room 1').and(cleo.page.locator(':focus'));
  await expect(last).toBeInViewport();
  await expect(last.locator('xpath=..')).toHaveAttribute('aria-posinset', '1000');
  await cleo.page.keyboard.press('ArrowUp');
  await expect(cleo.room('room 2').and(cleo.page.locator(':focus'))).toBeInViewport();
  expect(await rows.count()).toBeLessThan(100);
  await rows.nth(20).hover();
  await cleo.page.mouse.wheel(0, -16_000);
  const underPointer = () =>
    cleo.page.evaluate(() => document.querySelector('nav a[data-room]:hover')?.textContent ?? '');
  await expect.poll(underPointer).toMatch(/^room [45]\d\d$/);

  await cleo.page.keyboard.press('Control+K');
  await cleo.page.keyboard.type('room 777');
  const options = cleo.page.getByRole('option');
  await expect(options.first()).toHaveText('room 777');
  expect(await options.count()).toBeLessThanOrEqual(50);
  await cleo.page.keyboard.press('Enter');
  await expect(cleo.page.getByRole('heading', { level: 1, name: 'room 777' })).toBeVisible();
  await expect(cleo.room('room 777')).toBeInViewport();
  await cleo.leavesInPeace();
});

test('13: Alt and the arrows walk through the rooms, and with Shift through what is unread', async ({
  browser,
}) => {
  const dan = await Visitor.arrives(browser, server.url, 'dan');
  const eve = await Visitor.arrives(browser, server.url, 'eve');
  for (const name of ['attic', 'barn', 'cellar']) {
    await dan.page.goto(server.url);
    await dan.createsRoom(name);
    await eve.joinsRoom(name);
  }
  const opened = async (name: string) => {
    await expect(dan.page.getByRole('heading', { level: 1, name })).toBeVisible();
    await expect(dan.composer).toBeFocused();
  };
  const listed = () => dan.page.getByRole('navigation').locator('a[data-room] bdi').allInnerTexts();
  await expect.poll(listed).toEqual(['cellar', 'barn', 'attic']);

  await dan.room('cellar').click();
  await opened('cellar');
  await dan.page.keyboard.press('Alt+ArrowDown');
  await opened('barn');
  await dan.page.keyboard.press('Alt+ArrowDown');
  await opened('attic');
  await dan.page.keyboard.press('Alt+ArrowUp');
  await opened('barn');

  await eve.room('attic').click();
  await eve.says('Who left the light on?');
  await expect(dan.room('attic')).toHaveAccessibleName(/1 unread/);
  await dan.page.keyboard.press('Alt+Shift+ArrowUp');
  await opened('attic');
  await expect(dan.room('attic')).toHaveAccessibleName('attic');
  // With nothing unread there is nowhere to go.
  await dan.page.keyboard.press('Alt+Shift+ArrowUp');
  await opened('attic');
  await dan.leavesInPeace();
  await eve.leavesInPeace();
});

test('14: rooms are found, joined at once and left again with one word', async ({ browser }) => {
  const fay = await Guest.arrives(server.url, 'fay', 'Fay');
  for (let number = 1; number <= 120; number += 1) {
    await fay.makesRoom({ name: `shelf ${number}`, topic: `About ${number}` });
  }
  fay.leaves();
  const gus = await Visitor.arrives(browser, server.url, 'gus');
  await gus.page.goto(`${server.url}/browse`);
  const rooms = gus.page.getByRole('main').getByRole('listitem');
  await expect(rooms.filter({ hasText: '1 person' }).filter({ hasText: /About \d+/ })).not.toHaveCount(0);

  // Page by page, without a room twice.
  const more = gus.page.getByRole('button', { name: 'More' });
  while (await more.isVisible()) {
    const before = await rooms.count();
    await more.click();
    await expect.poll(() => rooms.count()).toBeGreaterThan(before);
  }
  const names = await rooms.getByRole('link').allInnerTexts();
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => /^shelf \d+$/.test(name))).toHaveLength(120);

  const search = gus.page.getByRole('searchbox', { name: 'Search rooms' });
  await search.fill('shelf 77');
  await expect(rooms).toHaveCount(1);
  await gus.page.getByRole('button', { name: 'Join shelf 77' }).click();
  await expect(gus.page.getByRole('heading', { level: 1, name: 'shelf 77' })).toBeVisible();
  await expect(gus.room('shelf 77')).toBeVisible();
  // What is said before the server has answered is said all the same.
  await gus.says('Hello, shelf');
  await gus.sees('Hello, shelf');

  await expect(gus.page.getByText('You joined shelf 77.')).toBeVisible();
  await gus.page.getByRole('button', { name: 'Undo' }).click();
  await expect(gus.room('shelf 77')).toBeHidden();
  await expect(search).toBeVisible();
  await search.fill('shelf 77');
  await expect(gus.page.getByRole('button', { name: 'Join shelf 77' })).toBeVisible();
  await gus.leavesInPeace();
});
