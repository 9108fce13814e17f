import { expect, type Page, test } from '@playwright/test';
import { watchJumps, worstJump } from '../support/jumps';
import { heightInView, scrollUntil, still, wheel } from '../support/reader';
import { Server } from '../support/server';
import { Visitor } from '../support/visitor';

const COUNT = 300;

let server: Server;

test.beforeAll(async () => {
  server = await Server.start();
});

test.afterAll(() => server.stop());

/** Fills a room through the REST interface, with texts of many heights. */
async function fill(page: Page, roomId: string, from: number, to: number): Promise<void> {
  await page.evaluate(
    async ([id, first, last]) => {
      for (let number = first; number <= last; number += 1) {
        const content = `message ${number}.${' and some more of it'.repeat(number % 23)}${'\nanother line'.repeat(number % 4)}`;
        const response = await fetch(`/api/rooms/${id}/messages`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ content }),
        });
        if (!response.ok) throw new Error(`the server answered ${response.status}`);
      }
    },
    [roomId, from, to] as const,
  );
}

const roomOf = (visitor: Visitor) => /\/r\/([^/]+)/.exec(visitor.page.url())?.[1] ?? '';

/** The messages of a room by the server's own account, oldest first. */
async function logOf(page: Page, roomId: string): Promise<{ id: string; number: number }[]> {
  return page.evaluate(async (id) => {
    const log: { id: string; number: number }[] = [];
    for (let more = true, before = ''; more; ) {
      const response = await fetch(`/api/rooms/${id}/messages?limit=200${before && `&before=${before}`}`);
      const { messages, hasBefore } = await response.json();
      log.unshift(
        ...messages.map((one: { id: string; content: string }) => ({
          id: one.id,
          number: Number(/message (\d+)\./.exec(one.content)?.[1] ?? 0),
        })),
      );
      more = hasBefore;
      before = messages[0]?.id;
    }
    return log;
  }, roomId);
}

test(`17, 21: scrolling back through ${COUNT} messages never jumps and has no hole`, async ({ browser }) => {
  const ana = await Visitor.arrives(browser, server.url, 'ana');
  await ana.createsRoom('long');
  const roomId = roomOf(ana);
  await fill(ana.page, roomId, 1, COUNT);
  const log = await logOf(ana.page, roomId);
  expect(log.map(({ number }) => number)).toEqual(Array.from({ length: COUNT }, (_, index) => index + 1));
  await ana.page.reload();
  await ana.sees(`message ${COUNT}.`);

  await watchJumps(ana.page);
  const seen = await scrollUntil(ana.page, log[0]?.id ?? '', -500);
  expect(await worstJump(ana.page)).toBeLessThanOrEqual(1);
  expect(log.filter(({ id }) => !seen.has(id))).toEqual([]);

  // What came meanwhile is counted and moves nothing; the way back has no hole.
  await still(ana.page);
  await watchJumps(ana.page);
  await fill(ana.page, roomId, COUNT + 1, COUNT + 10);
  await expect(ana.page.getByRole('button', { name: '10 new' })).toBeVisible();
  expect(await worstJump(ana.page)).toBeLessThanOrEqual(1);
  await ana.page.getByRole('button', { name: '10 new' }).click();
  await ana.sees(`message ${COUNT + 10}.`);
  const now = await logOf(ana.page, roomId);
  const back = await scrollUntil(ana.page, now[COUNT - 60]?.id ?? '', -500);
  expect(now.slice(COUNT - 60).filter(({ id }) => !back.has(id))).toEqual([]);
  await ana.leavesInPeace();
});

test('18: someone at the end follows what is new, someone reading above does not', async ({ browser }) => {
  const bo = await Visitor.arrives(browser, server.url, 'bo');
  await bo.createsRoom('busy');
  const roomId = roomOf(bo);
  await fill(bo.page, roomId, 1, 40);
  await expect(bo.message('message 40.')).toBeInViewport();

  const cleo = await Visitor.arrives(browser, server.url, 'cleo');
  await cleo.joinsRoom('busy');
  await wheel(cleo.page, -600);
  await expect(cleo.page.getByRole('button', { name: 'Latest' })).toBeVisible();
  await fill(bo.page, roomId, 41, 43);
  await expect(cleo.page.getByRole('button', { name: '3 new' })).toBeVisible();
  await expect(cleo.message('message 43.')).not.toBeInViewport();
  await cleo.page.getByRole('button', { name: '3 new' }).click();
  await expect(cleo.message('message 43.')).toBeInViewport();
  await expect(cleo.page.getByRole('button', { name: /new$/ })).toBeHidden();
  await bo.leavesInPeace();
  await cleo.leavesInPeace();
});

test('52: a visitor who has read far back stays there when they join', async ({ browser }) => {
  const kim = await Visitor.arrives(browser, server.url, 'kim');
  await kim.createsRoom('orchard');
  const roomId = roomOf(kim);
  await fill(kim.page, roomId, 1, 120);
  const lou = await Visitor.arrives(browser, server.url, 'lou');
  await lou.page.goto(`${server.url}/r/${roomId}`);
  await lou.sees('message 120.');
  const [first] = await logOf(lou.page, roomId);
  await scrollUntil(lou.page, first?.id ?? '', -500);
  await still(lou.page);

  await lou.page.getByRole('button', { name: 'Join room' }).click();
  await kim.says('Welcome');
  await expect(lou.page.getByRole('button', { name: '1 new' })).toBeVisible();
  await expect(lou.message('message 1.')).toBeInViewport();
  await kim.leavesInPeace();
  await lou.leavesInPeace();
});

test('16, 50: a room opens where reading stopped, and is read only as far as it was seen', async ({
  browser,
}) => {
  const dan = await Visitor.arrives(browser, server.url, 'dan');
  await dan.createsRoom('garden');
  const roomId = roomOf(dan);
  await fill(dan.page, roomId, 1, 30);
  const eve = await Visitor.arrives(browser, server.url, 'eve');
  await eve.joinsRoom('garden');
  await eve.sees('message 30.');
  await eve.page.getByRole('link', { name: 'Browse rooms' }).first().click();
  await fill(dan.page, roomId, 31, 90);

  const link = eve.room('garden');
  await expect(link).toHaveAccessibleName(/60 unread/);
  await link.click();
  await expect(eve.page.getByText(/^New since/)).toBeInViewport();
  const at = await heightInView(eve.page, '[data-key="unread"]');
  expect(at).toBeGreaterThan(0);
  expect(at).toBeLessThan(1 / 3);
  await expect(eve.message('message 31.')).toBeInViewport();
  await expect(eve.message('message 90.')).not.toBeInViewport();

  // What is in view is read, and the rest is not.
  await expect(link).not.toHaveAccessibleName(/60 unread/);
  await expect(link).toHaveAccessibleName(/\d+ unread/);
  await eve.page.getByRole('button', { name: 'Latest' }).click();
  await expect(link).toHaveAccessibleName('garden');

  // Marked unread on purpose, it stays so until the room is left.
  await eve.message('message 85.').click({ modifiers: ['Alt'] });
  await expect(link).toHaveAccessibleName(/6 unread/);
  await wheel(eve.page, -200);
  await wheel(eve.page, 400);
  await fill(dan.page, roomId, 91, 91);
  await expect(link).toHaveAccessibleName(/7 unread/);
  await eve.page.getByRole('link', { name: 'Browse rooms' }).first().click();
  await link.click();
  await eve.page.getByRole('button', { name: 'Latest' }).click();
  await expect(link).toHaveAccessibleName('garden');
  await dan.leavesInPeace();
  await eve.leavesInPeace();
});

test('50: in a window that nobody looks at nothing is read', async ({ browser }) => {
  const fay = await Visitor.arrives(browser, server.url, 'fay');
  const gus = await Visitor.arrives(browser, server.url, 'gus');
  await fay.createsRoom('attic');
  await gus.joinsRoom('attic');
  const looks = (does: boolean) =>
    gus.page.evaluate((focused) => {
      document.hasFocus = () => focused;
      dispatchEvent(new Event(focused ? 'focus' : 'blur'));
    }, does);
  await looks(false);
  await fay.says('Is anybody there?');
  await expect(gus.message('Is anybody there?')).toBeInViewport();
  await expect(gus.page.getByText(/^New since/)).toBeVisible();
  await expect(gus.room('attic')).toHaveAccessibleName(/1 unread/);
  await looks(true);
  await expect(gus.room('attic')).toHaveAccessibleName('attic');
  await fay.leavesInPeace();
  await gus.leavesInPeace();
});

test('25, 35, 57: a quote leads to its message, and Back and Forward walk the places and rooms one was at', async ({
  browser,
}) => {
  const hal = await Visitor.arrives(browser, server.url, 'hal');
  await hal.createsRoom('den');
  const roomId = roomOf(hal);
  await fill(hal.page, roomId, 1, 5);
  await hal.chooses('message 5.', 'Reply');
  await fill(hal.page, roomId, 6, 100);
  await hal.says('As was said');
  await hal.sees('As was said');
  await fill(hal.page, roomId, 101, 160);
  const reply = hal.message('As was said');
  const log = await logOf(hal.page, roomId);
  const place = log.find(({ number }) => number === 0)?.id ?? '';

  // A link of one's own leads there too, also through a reload.
  await hal.page.goto(`${server.url}/r/${roomId}/m/${place}`);
  await expect(reply).toBeInViewport();
  await still(hal.page);
  const before = await reply.boundingBox();
  await reply.getByRole('button', { name: /Reply to/ }).click();
  await expect(hal.message('message 5.')).toBeInViewport();
  await expect(hal.message('message 5.')).toBeFocused();

  await hal.page.getByRole('link', { name: 'Browse rooms' }).first().click();
  await expect(hal.page.getByRole('heading', { name: 'Browse rooms' })).toBeVisible();
  await hal.page.goBack();
  await expect(hal.message('message 5.')).toBeInViewport();
  await hal.page.goBack();
  await expect(reply).toBeInViewport();
  await expect
    .poll(async () => Math.round((await reply.boundingBox())?.y ?? 0))
    .toBe(Math.round(before?.y ?? 0));
  await hal.page.goForward();
  await expect(hal.message('message 5.')).toBeInViewport();
  await expect(hal.room('den')).toHaveAttribute('aria-current', 'page');
  await hal.leavesInPeace();
});

test('19: sending from far back in history shows what was sent', async ({ browser }) => {
  const ida = await Visitor.arrives(browser, server.url, 'ida');
  await ida.createsRoom('hall');
  const roomId = roomOf(ida);
  await fill(ida.page, roomId, 1, 120);
  const [first] = await logOf(ida.page, roomId);
  await ida.page.goto(`${server.url}/r/${roomId}/m/${first?.id}`);
  await expect(ida.message('message 1.')).toBeInViewport();
  await ida.says('here I am');
  await expect(ida.message('here I am')).toBeInViewport();
  await ida.leavesInPeace();
});
