/** The timeline alone, before a log in memory: how it stands and moves on the page. */
import { expect, type Page, test } from '@playwright/test';
import { nextFrames, watchJumps, worstJump } from '../support/jumps';
import { heightInView, isAtTheEnd, scrollUntil, still, wheel } from '../support/reader';
import { numbered, Theatre } from '../support/stage';

const UP = -600;

let theatre: Theatre;

test.beforeAll(async () => {
  theatre = await Theatre.build();
});

test.afterAll(() => theatre.close());

const numberOf = (id: string) => Number(id.slice(1));
const pill = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

test('16: a room with nothing unread opens at its end', async ({ page }) => {
  await theatre.open(page, { length: 300 });
  await expect(numbered(page, 300)).toBeInViewport();
  await isAtTheEnd(page);
});

for (const unread of [20, 90, 400]) {
  test(`16: a room with ${unread} unread opens with their line in the upper third`, async ({ page }) => {
    await theatre.open(page, { length: 1_000, unread });
    await expect(page.getByText(/^New since/)).toBeInViewport();
    await expect(numbered(page, 1_000 - unread + 1)).toBeInViewport();
    const at = await heightInView(page, '[data-key="unread"]');
    expect(at).toBeGreaterThan(0);
    expect(at).toBeLessThan(1 / 3);
  });
}

test('16: whoever prefers it opens rooms at the newest message, and may keep the rest unread', async ({
  page,
}) => {
  const unread = () => page.evaluate(() => window.stage.chat.rooms.get('den')?.membership?.unread);
  await theatre.open(page, { length: 1_000, unread: 60, opensAt: 'newestKeepingUnread' });
  await expect(numbered(page, 1_000)).toBeInViewport();
  await page.evaluate(() => window.stage.receive(1));
  await expect(numbered(page, 1_001)).toBeInViewport();
  // Once the first of them has been seen, reading goes on from there.
  await scrollUntil(page, 'm938', UP);
  await expect.poll(unread).toBeLessThan(61);
  expect(await unread()).toBeGreaterThan(30);

  await theatre.open(page, { length: 1_000, unread: 60, opensAt: 'newest' });
  await expect(numbered(page, 1_000)).toBeInViewport();
  await expect.poll(unread).toBe(0);
});

test('17: scrolling up through twenty pages of many heights moves nothing but by the wheel', async ({
  page,
}) => {
  await theatre.open(page, { length: 1_500 });
  await expect(numbered(page, 1_500)).toBeInViewport();
  await watchJumps(page);
  await scrollUntil(page, 'm500', 3 * UP, (id) => numberOf(id) <= 500);
  expect(await worstJump(page)).toBeLessThanOrEqual(1);
});

test('17: a page that arrives above the reader moves nothing', async ({ page }) => {
  await theatre.open(page, { length: 1_500 });
  await page.evaluate(() => window.stage.holdPages());
  await scrollUntil(page, 'm1451', UP);
  await still(page);
  await watchJumps(page);
  const before = await numbered(page, 1_451).boundingBox();
  await page.evaluate(() => window.stage.releasePages());
  await expect.poll(() => numbered(page, 1_449).count()).toBe(1);
  expect(await worstJump(page)).toBeLessThanOrEqual(1);
  const after = await numbered(page, 1_451).boundingBox();
  // It may have lost its author's name to a message above it, so its foot is what stays.
  expect((after?.y ?? 0) + (after?.height ?? 0)).toBeCloseTo((before?.y ?? 0) + (before?.height ?? 0), 0);
});

test('17: scrolling down through what was never on the page moves nothing but by the wheel', async ({
  page,
}) => {
  await theatre.open(page, { length: 9_000, path: '/r/den/m/m4000' });
  await expect(numbered(page, 4_000)).toBeInViewport();
  await still(page);
  await watchJumps(page);
  await scrollUntil(page, 'm4200', -2 * UP, (id) => numberOf(id) >= 4_200);
  expect(await worstJump(page)).toBeLessThanOrEqual(1);
});

test('18: at the end it follows what is new, elsewhere it stays and says how many', async ({ page }) => {
  await theatre.open(page, { length: 300 });
  await page.evaluate(() => window.stage.receive(3));
  await expect(numbered(page, 303)).toBeInViewport({ ratio: 1 });

  await wheel(page, -60);
  await still(page);
  await page.evaluate(() => window.stage.receive(1));
  await expect(numbered(page, 304)).toBeInViewport({ ratio: 1 });
  await isAtTheEnd(page);

  await wheel(page, -500);
  await still(page);
  await watchJumps(page);
  await expect(pill(page, 'Latest')).toBeVisible();
  await page.evaluate(() => window.stage.receive(5));
  await expect(pill(page, '5 new')).toBeVisible();
  expect(await worstJump(page)).toBeLessThanOrEqual(1);
  await expect(numbered(page, 309)).not.toBeInViewport();
  await pill(page, '5 new').click();
  await expect(numbered(page, 309)).toBeInViewport();
  await expect(page.getByRole('button', { name: / new$/ })).toBeHidden();
});

test('19: sending shows what was sent, even from far back in history', async ({ page }) => {
  await theatre.open(page, { length: 9_000, path: '/r/den/m/m4000' });
  await expect(numbered(page, 4_000)).toBeInViewport();
  await page.locator('#composer').fill('here I am');
  await page.locator('#composer').press('Enter');
  await expect(page.locator('ol > li').filter({ hasText: 'here I am' })).toBeInViewport();
  await isAtTheEnd(page);
});

test('20: whatever takes room from the messages, a list at its end stays there', async ({ page }) => {
  await theatre.open(page, { length: 300 });
  const end = () => expect(numbered(page, 300)).toBeInViewport({ ratio: 1 });
  await end();
  await page.locator('#composer').fill('one\ntwo\nthree\nfour\nfive');
  await end();
  await numbered(page, 299).hover();
  await numbered(page, 299).getByRole('button', { name: 'Reply' }).click();
  await end();
  await page.getByRole('button', { name: 'Hide who is here' }).first().click();
  await end();
  // As when a keyboard comes up, and as when a window is made narrow.
  await page.setViewportSize({ width: 1280, height: 500 });
  await end();
  await page.setViewportSize({ width: 500, height: 500 });
  await end();
  await page.setViewportSize({ width: 1280, height: 800 });
  await end();
  await isAtTheEnd(page);
});

test('20: whatever takes room from the messages, what is read above stays', async ({ page }) => {
  await theatre.open(page, { length: 300 });
  await wheel(page, -900);
  await still(page);
  await watchJumps(page);
  await page.locator('#composer').fill('one\ntwo\nthree\nfour\nfive');
  await page.setViewportSize({ width: 1280, height: 600 });
  await nextFrames(page, 2);
  expect(await worstJump(page)).toBeLessThanOrEqual(1);
});

test('21: after a jump far back and a return, the log is whole or says where it is not', async ({ page }) => {
  await theatre.open(page, { length: 9_000, path: '/r/den/m/m4000' });
  await expect(numbered(page, 4_000)).toBeInViewport();
  await page.evaluate(() => window.stage.receive(10));
  await pill(page, '10 new').click();
  await expect(numbered(page, 9_010)).toBeInViewport();

  const seen = [...(await scrollUntil(page, 'm8700', UP))].map(numberOf).sort((a, b) => a - b);
  expect(seen).toEqual(Array.from({ length: seen.length }, (_, index) => (seen[0] ?? 0) + index));

  // The stretch around the jump is still there or not; between them is a row that says so.
  const breaks = await page.evaluate(() => {
    const { items } = window.stage.chat.timeline('den');
    let silent = 0;
    let before: number | undefined;
    for (const item of items) {
      if (item.kind === 'gap') {
        before = undefined;
        continue;
      }
      const number = Number(item.id.slice(1));
      if (before !== undefined && number !== before + 1) silent += 1;
      before = number;
    }
    return silent;
  });
  expect(breaks).toBe(0);
});

test('21: a gap says what it is, and asks to be filled when that failed', async ({ page }) => {
  await theatre.open(page, { length: 9_000, path: '/r/den/m/m4000' });
  await page.evaluate(() => window.stage.holdPages());
  const gap = page.getByRole('button', { name: 'Load them' });
  while (!(await gap.isVisible())) await wheel(page, 600);
  await expect(page.getByText('Messages in between are not loaded.')).toBeVisible();
  await page.evaluate(() => window.stage.releasePages());
  await expect(numbered(page, 4_027)).toHaveCount(1);
});

test('22: what arrives while a page is on its way is neither lost nor doubled', async ({ page }) => {
  await theatre.open(page, { length: 300 });
  await page.evaluate(() => window.stage.holdPages());
  await scrollUntil(page, 'm252', UP);
  await page.evaluate(() => {
    window.stage.receive(7);
    window.stage.releasePages();
  });
  await expect(numbered(page, 249)).toHaveCount(1);
  const ids = await page.evaluate(() =>
    window.stage.chat.timeline('den').items.map((item) => (item.kind === 'gap' ? 'gap' : item.id)),
  );
  expect(ids).toEqual(Array.from({ length: ids.length }, (_, index) => `m${307 - ids.length + 1 + index}`));
});

test('24: the day of what is read shows while scrolling, and leads to another day', async ({ page }) => {
  await theatre.open(page, { length: 3_000 });
  await wheel(page, -800);
  const day = page.getByRole('button', { name: /Go to another day/ });
  await expect(day).toBeVisible();
  await day.click();
  await page.getByRole('textbox', { name: 'Day' }).fill('2026-09-10');
  await page.getByRole('button', { name: 'Go there' }).click();
  await expect(page).toHaveURL(/\/r\/den\/m\/m\d+$/);
  await expect(page.getByRole('heading', { name: /10 September/ })).toBeInViewport();
  await expect(page.locator('[data-pointed]')).toBeInViewport();
  await page.goBack();
  await expect(numbered(page, 2_990)).toBeInViewport();
});

test('25: a permalink centres its message, marks it for two seconds and then leaves it alone', async ({
  page,
}) => {
  await page.clock.install();
  await theatre.open(page, { length: 9_000 });
  // From here on time passes only as the test says.
  await page.clock.pauseAt(new Date(Date.now() + 3_600_000));
  await page.evaluate(() => history.pushState(null, '', '/r/den/m/m4000'));
  await page.clock.runFor(200);
  const target = numbered(page, 4_000);
  await expect(target).toBeInViewport();
  await expect(target).toHaveAttribute('data-pointed');
  expect(await heightInView(page, '[data-id="m4000"]')).toBeCloseTo(0.5, 1);
  await page.clock.runFor(1_700);
  await expect(target).toHaveAttribute('data-pointed');
  await page.clock.runFor(300);
  await expect(target).not.toHaveAttribute('data-pointed');
  await expect(target).toBeInViewport();
});

test('25: a quote leads to its message, and Back returns to the former place', async ({ page }) => {
  await theatre.open(page, { length: 9_000 });
  await page.evaluate(() => {
    const original = window.stage.log.messages[3_999];
    if (!original) return;
    const { id, seq, author } = original;
    window.stage.receive(1, { replyTo: { id, seq, author, excerpt: 'long ago' } });
    window.stage.receive(5);
  });
  await wheel(page, -300);
  await still(page);
  const reply = numbered(page, 9_001);
  await expect(reply).toBeInViewport();
  const before = await reply.boundingBox();
  await reply.getByRole('button', { name: /Reply to/ }).click();
  await expect(numbered(page, 4_000)).toBeInViewport();
  await expect(numbered(page, 4_000)).toHaveAttribute('data-pointed');
  await page.goBack();
  await expect(reply).toBeInViewport();
  expect((await reply.boundingBox())?.y).toBeCloseTo(before?.y ?? 0, 0);
  await page.goForward();
  await expect(numbered(page, 4_000)).toBeInViewport();
  // The head of the room has a way back for those who do not think of the browser's.
  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await expect(reply).toBeInViewport();
  await expect(page.getByRole('button', { name: 'Back', exact: true })).toBeHidden();
});

test('25: a link to a message that is not here says so and opens the room', async ({ page }) => {
  await theatre.open(page, { length: 300, path: '/r/den/m/nothing' });
  await expect(page.getByText('This message is not here.')).toBeVisible();
  await expect(numbered(page, 300)).toBeInViewport();
});

test('52: what was missed appears without moving what is read, and is announced once', async ({ page }) => {
  await theatre.open(page, { length: 300 });
  await wheel(page, -900);
  await still(page);
  await watchJumps(page);
  await page.evaluate(() => {
    window.stage.breakLine();
    window.stage.miss(24);
    window.stage.chat.catchUp();
  });
  await expect(pill(page, '24 new')).toBeVisible();
  expect(await worstJump(page)).toBeLessThanOrEqual(1);
  await expect(page.getByRole('log')).toHaveText('24 new messages');
});

test('52: whoever missed more than the server repeats still reads on where they were', async ({ page }) => {
  await theatre.open(page, { length: 2_000 });
  await wheel(page, -2_000);
  await still(page);
  const id = await page.locator('ol > li[data-id]').nth(10).getAttribute('data-id');
  const row = page.locator(`ol > [data-id="${id}"]`);
  await expect(row).toBeInViewport();
  const before = await row.boundingBox();
  await page.evaluate(() => {
    window.stage.breakLine();
    window.stage.miss(1_500);
    window.stage.chat.catchUp();
  });
  await expect.poll(() => page.evaluate(() => window.stage.chat.timeline('den').lastSeq)).toBe(3_500);
  await expect
    .poll(async () => Math.abs(((await row.boundingBox())?.y ?? 0) - (before?.y ?? 0)))
    .toBeLessThan(3);
  await pill(page, 'Latest').click();
  await expect(numbered(page, 3_500)).toBeInViewport();
});

test('64: the list has its name, and each message its place in the log', async ({ page }) => {
  await theatre.open(page, { length: 300 });
  const list = page.getByRole('list', { name: 'Messages in den' });
  await expect(list).not.toHaveAttribute('aria-live');
  await expect(numbered(page, 300)).toHaveAttribute('aria-posinset', '300');
  await expect(numbered(page, 300)).toHaveAttribute('aria-setsize', '-1');
});

test('65: a message that has the focus stays on the page wherever one scrolls', async ({ page }) => {
  await theatre.open(page, { length: 1_000 });
  await numbered(page, 995).focus();
  await scrollUntil(page, 'm900', UP);
  await expect(numbered(page, 995)).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await expect(numbered(page, 994)).toBeFocused();
  await expect(numbered(page, 994)).toBeInViewport();
});

test('65: the list is one stop for the Tab key, forwards and back', async ({ page }) => {
  await theatre.open(page, { length: 300 });
  await page.locator('#composer').focus();
  await page.keyboard.press('Shift+Tab');
  await expect(numbered(page, 300)).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  await expect(numbered(page, 298)).toBeFocused();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Shift+Tab');
  await expect(page.locator('ol:focus-within')).toHaveCount(0);
});

test('wherever the scroll bar is dragged, there are messages at once', async ({ page }) => {
  await theatre.open(page, { length: 3_000 });
  await scrollUntil(page, 'm2600', 3 * UP, (id) => numberOf(id) <= 2_600);
  const blanks = await page.evaluate(async () => {
    const list = document.querySelector('main ol');
    const view = list?.parentElement?.parentElement;
    if (!list || !view) throw new Error('there is no timeline');
    const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    let found = 0;
    for (const part of [0.9, 0.1, 0.5, 0.8, 0.3, 0.95, 0]) {
      view.scrollTop = -part * (view.scrollHeight - view.clientHeight);
      await painted();
      const { top, bottom } = view.getBoundingClientRect();
      const rows = [...list.children].filter((row) => row.ariaHidden !== 'true');
      const covers = (y: number) =>
        rows.some((row) => row.getBoundingClientRect().top <= y && row.getBoundingClientRect().bottom >= y);
      // The space below the last message is not a hole.
      if (!covers(top + 100) || !covers((top + bottom) / 2) || !covers(bottom - 20)) found += 1;
    }
    return found;
  });
  expect(blanks).toBe(0);
});

test('budget: there are never more than 2,500 nodes on the page, however long the room is', async ({
  page,
}) => {
  await theatre.open(page, { length: 10_000 });
  const most = async () => page.evaluate(() => document.querySelectorAll('*').length);
  let worst = await most();
  for (let turn = 0; turn < 40; turn += 1) {
    await wheel(page, 5 * UP);
    worst = Math.max(worst, await most());
  }
  await page.keyboard.press('Home');
  worst = Math.max(worst, await most());
  expect(worst).toBeLessThanOrEqual(2_500);
  expect(await page.evaluate(() => window.stage.chat.timeline('den').size)).toBeLessThanOrEqual(650);
});

test('budget: a hundred messages a second are one commit a frame, and the end stays in view', async ({
  page,
}) => {
  await theatre.open(page, { length: 1_000 });
  const { commits, frames, spoken, undrawn } = await page.evaluate(async () => {
    const before = window.stage.commits();
    // What is read out is put on the page too, once a second.
    let lines = 0;
    const log = document.querySelector('[role="log"]');
    if (log) new MutationObserver(() => (lines += 1)).observe(log, { childList: true });
    let drawn = 0;
    // On a busy machine a frame may be so late that what is new is shown without waiting for it.
    let late = 0;
    let last = performance.now();
    // Several messages in every frame: more than a hundred a second on any screen.
    for (; drawn < 300; drawn += 1) {
      window.stage.receive(2);
      await new Promise((resolve) => requestAnimationFrame(resolve));
      late += Math.floor((performance.now() - last) / 250);
      last = performance.now();
      window.stage.receive(1);
    }
    return { commits: window.stage.commits() - before, frames: drawn, spoken: lines, undrawn: late };
  });
  // A few more are of what happens once: the day appears above, the marker moves.
  expect(commits).toBeLessThanOrEqual(frames + spoken + undrawn + 5);
  await expect(numbered(page, 1_900)).toBeInViewport();
  expect(await page.evaluate(() => window.stage.chat.timeline('den').size)).toBeLessThanOrEqual(650);
  expect(await page.evaluate(() => window.stage.chat.timeline('den').reachesEnd)).toBe(true);
});

test('budget: a frame that shows a key shows nothing of others, and the one after it does', async ({
  page,
}) => {
  await theatre.open(page, { length: 1_000 });
  await page.locator('#composer').focus();
  const { judged, together, shown } = await page.evaluate(async () => {
    const newest = () => [...document.querySelectorAll<HTMLElement>('ol > li[data-id]')].at(-1)?.dataset.id;
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const seen = { judged: 0, together: 0, shown: 0 };
    for (let key = 0; key < 60; key += 1) {
      const pressed = performance.now();
      window.stage.receive(2);
      const told = `m${window.stage.log.messages.length}`;
      document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key: 'a', bubbles: true }));
      await frame();
      const atOnce = newest() === told;
      await frame();
      // On a busy machine frames may be so late that nothing waits for them.
      if (performance.now() - pressed > 150) continue;
      seen.judged += 1;
      seen.together += Number(atOnce);
      seen.shown += Number(newest() === told);
    }
    return seen;
  });
  expect(together).toBe(0);
  expect(shown).toBe(judged);
  await expect(numbered(page, 1_120)).toBeInViewport();
});

test('someone can leave the end while a hundred messages a second arrive', async ({ page }) => {
  await theatre.open(page, { length: 1_000 });
  await page.evaluate(() => {
    const pour = () => {
      window.stage.receive(2);
      requestAnimationFrame(pour);
    };
    requestAnimationFrame(pour);
  });
  await wheel(page, -300);
  await expect(page.getByRole('button', { name: / new$/ })).toBeVisible();
  await watchJumps(page);
  await nextFrames(page, 60);
  expect(await worstJump(page)).toBeLessThan(3);
});

test('budget: nothing shifts by itself in a session of reading, scrolling and following', async ({
  page,
}) => {
  await page.addInitScript(() => {
    const shifts = { total: 0 };
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        if (!(entry as LayoutShift).hadRecentInput) shifts.total += (entry as LayoutShift).value;
    }).observe({ type: 'layout-shift', buffered: true });
    Object.assign(window, { shifts });
  });
  await theatre.open(page, { length: 3_000, unread: 30 });
  await scrollUntil(page, 'm2800', UP);
  await pill(page, 'Latest').click();
  await page.evaluate(() => window.stage.receive(30));
  await expect(numbered(page, 3_030)).toBeInViewport();
  await nextFrames(page, 5);
  expect(await page.evaluate(() => window.shifts.total)).toBeLessThanOrEqual(0.02);
});

interface LayoutShift extends PerformanceEntry {
  value: number;
  hadRecentInput: boolean;
}

declare global {
  interface Window {
    stage: import('../stage/stage').Stage;
    shifts: { total: number };
  }
}
