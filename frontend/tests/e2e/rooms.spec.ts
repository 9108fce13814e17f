import { expect, test } from '@playwright/test';
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
