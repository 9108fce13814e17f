import { expect, type Page, test } from '@playwright/test';
import { Server } from '../support/server';
import { Visitor } from '../support/visitor';

const COUNT = 500;

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

/** The numbers of the messages that are shown, from top to bottom. */
function numbers(page: Page): Promise<number[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('ol > li[data-id]')].map((row) =>
      Number(/message (\d+)\./.exec(row.textContent ?? '')?.[1]),
    ),
  );
}

/**
 * Turns the wheel up, frame by frame, to the beginning. In each frame a message
 * that stays in view may move by what was scrolled and by nothing else.
 */
function scrollToTheBeginning(page: Page): Promise<{ worstJump: number; seen: number[] }> {
  return page.evaluate(async () => {
    const list = document.querySelector('ol');
    const view = list?.parentElement;
    if (!list || !view) throw new Error('there is no timeline');
    const seen = new Set<number>();
    let worstJump = 0;
    let still = 0;
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));

    // Ends when the beginning is in view and has been for a while.
    while (still < 10) {
      const top = view.getBoundingClientRect().top;
      const rows = [...list.querySelectorAll<HTMLElement>(':scope > li[data-id]')];
      for (const row of rows) seen.add(Number(/message (\d+)\./.exec(row.textContent ?? '')?.[1]));
      const tracked = rows.find((row) => row.getBoundingClientRect().bottom > top + 100);
      if (!tracked) throw new Error('no message is in view');
      const before = tracked.getBoundingClientRect().bottom;
      const wanted = Math.min(240, view.scrollTop);
      view.scrollTop -= wanted;
      await frame();
      await frame();
      if (tracked.isConnected) {
        worstJump = Math.max(worstJump, Math.abs(tracked.getBoundingClientRect().bottom - before - wanted));
      }
      const atBeginning = document.body.textContent?.includes('This is the beginning of') ?? false;
      still = wanted === 0 && atBeginning ? still + 1 : 0;
    }
    return { worstJump, seen: [...seen].sort((a, b) => a - b) };
  });
}

test(`scrolling back through ${COUNT} messages never jumps and has no hole`, async ({ browser }) => {
  const ana = await Visitor.arrives(browser, server.url, 'ana');
  await ana.createsRoom('long');
  const roomId = ana.page.url().split('/').at(-1) ?? '';
  await fill(ana.page, roomId, 1, COUNT);
  await ana.page.reload();
  await ana.sees(`message ${COUNT}.`);

  const { worstJump, seen } = await scrollToTheBeginning(ana.page);
  expect(seen).toEqual(Array.from({ length: COUNT }, (_, index) => index + 1));
  expect(worstJump).toBeLessThanOrEqual(1);

  // What came meanwhile is counted and moves nothing; the way back has no hole.
  const first = ana.message('message 1.');
  const place = await first.boundingBox();
  await fill(ana.page, roomId, COUNT + 1, COUNT + 10);
  await expect.poll(() => first.boundingBox()).toEqual(place);
  await ana.page.getByRole('button', { name: /Latest|new$/ }).click();
  await ana.sees(`message ${COUNT + 10}.`);
  await expect.poll(async () => (await numbers(ana.page)).at(-1)).toBe(COUNT + 10);
  const shown = await numbers(ana.page);
  const gaps = await ana.page.getByRole('button', { name: 'Load them' }).count();
  const breaks = shown.filter((number, index) => index > 0 && number !== (shown[index - 1] ?? 0) + 1);
  expect(breaks.length).toBeLessThanOrEqual(gaps);
  await ana.leavesInPeace();
});

test('someone at the end follows what is new, someone reading above does not', async ({ browser }) => {
  const bo = await Visitor.arrives(browser, server.url, 'bo');
  await bo.createsRoom('busy');
  const roomId = bo.page.url().split('/').at(-1) ?? '';
  await fill(bo.page, roomId, 1, 40);
  await expect(bo.message('message 40.')).toBeInViewport();

  const cleo = await Visitor.arrives(browser, server.url, 'cleo');
  await cleo.joinsRoom('busy');
  await cleo.page.evaluate(() => {
    const view = document.querySelector('ol')?.parentElement;
    if (view) view.scrollTop -= 600;
  });
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
