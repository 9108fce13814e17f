/** What a long visit may cost: bounds of `budgets.json` that do not depend on how fast a machine is. */
import { type CDPSession, expect, type Page, test } from '@playwright/test';
import budgets from '../../budgets.json' with { type: 'json' };
import { nextFrames } from '../support/jumps';
import { Server } from '../support/server';
import { numbered, Theatre } from '../support/stage';
import { Visitor } from '../support/visitor';

const MEGABYTE = 1024 * 1024;
const SWITCHES = 200;
const WARM_AFTER = 20;

/** What is in use once nothing is left that could be let go of. */
async function inUse(page: Page, devtools: CDPSession): Promise<{ bytes: number; nodes: number }> {
  await nextFrames(page, 5);
  await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  const { nodes } = await devtools.send('Memory.getDOMCounters');
  return { bytes: usedSize, nodes };
}

/** Goes from room to room as fast as they can be shown. */
function visits(page: Page, rooms: readonly string[], times: number): Promise<void> {
  return page.evaluate(
    async ([names, count]) => {
      const isShown = (name: string) =>
        document.querySelector('h1')?.textContent === name &&
        document.querySelector('main ol')?.textContent?.includes(`three in the ${name}`);
      for (let visit = 0; visit < count; visit += 1) {
        const name = names[visit % names.length] ?? '';
        const links = [...document.querySelectorAll<HTMLElement>('nav li a')];
        links.find((link) => link.textContent?.includes(name))?.click();
        while (!isShown(name)) await new Promise((resolve) => requestAnimationFrame(resolve));
      }
    },
    [rooms, times] as const,
  );
}

test('budget: reading ten thousand messages keeps no more of them than it must', async ({ page }) => {
  const theatre = await Theatre.build();
  await theatre.open(page, { length: 10_000 });
  const devtools = await page.context().newCDPSession(page);
  const before = await inUse(page, devtools);
  // All of them come by as they would live: each is stored, shown and let go of again.
  await page.evaluate(async () => {
    for (let some = 0; some < 40; some += 1) {
      window.stage.receive(250);
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  });
  await expect(numbered(page, 20_000)).toBeInViewport();
  // The stage keeps the log itself, as a server would; that is not the client's to answer for.
  const log = await page.evaluate(() => {
    const { messages } = window.stage.log;
    return JSON.stringify(messages.slice(10_000)).length;
  });
  const after = await inUse(page, devtools);
  const grown = (after.bytes - before.bytes - log) / MEGABYTE;
  test.info().annotations.push({ type: 'heap', description: `${grown.toFixed(1)} MB` });
  expect(grown).toBeLessThan(budgets.page.heapMegabytesFor10kMessages.most);
  await theatre.close();
});

test('budget: two hundred visits to rooms leave nothing behind', async ({ browser }) => {
  const server = await Server.start();
  const ana = await Visitor.arrives(browser, server.url, 'ana');
  const rooms = ['hall', 'kitchen', 'garden'];
  for (const room of rooms) {
    await ana.page.goto(server.url);
    await ana.createsRoom(room);
    for (const text of ['one', 'two', 'three']) await ana.says(`${text} in the ${room}`);
    await ana.sees(`three in the ${room}`);
  }
  const devtools = await ana.context.newCDPSession(ana.page);
  await visits(ana.page, rooms, WARM_AFTER);
  const warm = await inUse(ana.page, devtools);
  await visits(ana.page, rooms, SWITCHES - WARM_AFTER);
  const after = await inUse(ana.page, devtools);
  const most = 1 + budgets.page.heapPercentAfter200Visits.most / 100;
  test.info().annotations.push({
    type: 'heap',
    description: `${(warm.bytes / MEGABYTE).toFixed(1)} MB, then ${(after.bytes / MEGABYTE).toFixed(1)} MB; ${warm.nodes} nodes, then ${after.nodes}`,
  });
  expect(after.bytes).toBeLessThan(warm.bytes * most);
  expect(after.nodes).toBeLessThan(warm.nodes * most);
  await ana.leavesInPeace();
  await server.stop();
});
