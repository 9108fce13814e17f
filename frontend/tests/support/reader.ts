/** What somebody reading a timeline does and sees, on the stage or in the real thing. */
import { expect, type Page } from '@playwright/test';
import { nextFrames } from './jumps';

const SCROLLER = 'main div:has(> div > ol)';

/** Turns the wheel over the messages; negative is up. */
export async function wheel(page: Page, by: number): Promise<void> {
  const box = await page.locator(SCROLLER).boundingBox();
  if (!box) throw new Error('there is no timeline');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.wheel(0, by);
  await nextFrames(page, 2);
}

/** The ids of the messages in view, from top to bottom. */
function inView(page: Page): Promise<string[]> {
  return page.evaluate((scroller) => {
    const view = document.querySelector(scroller)?.getBoundingClientRect();
    if (!view) return [];
    return [...document.querySelectorAll<HTMLElement>('main ol > li[data-id]')]
      .filter((row) => {
        const { top, bottom } = row.getBoundingClientRect();
        return bottom > view.top && top < view.bottom;
      })
      .map((row) => row.dataset.id ?? '');
  }, SCROLLER);
}

/** Scrolls step by step until a message is in view; says which came by. */
export async function scrollUntil(
  page: Page,
  id: string,
  by: number,
  isThere = (seen: string) => seen === id,
): Promise<Set<string>> {
  const seen = new Set<string>();
  for (;;) {
    const now = await inView(page);
    for (const one of now) seen.add(one);
    if (now.some(isThere)) return seen;
    await wheel(page, by);
  }
}

/** How far the end of the list is below the lower edge of the view. */
function belowTheView(page: Page): Promise<number> {
  return page.evaluate(
    (scroller) => Math.abs(document.querySelector(scroller)?.scrollTop ?? Number.NaN),
    SCROLLER,
  );
}

export async function isAtTheEnd(page: Page): Promise<void> {
  await expect.poll(() => belowTheView(page)).toBe(0);
}

/** Where a row is in the view: 0 at its upper edge, 1 at its lower. */
export function heightInView(page: Page, row: string): Promise<number> {
  return page.evaluate(
    ([scroller, selector]) => {
      const view = document.querySelector(scroller)?.getBoundingClientRect();
      const box = document.querySelector(selector)?.getBoundingClientRect();
      if (!view || !box) return Number.NaN;
      return ((box.top + box.bottom) / 2 - view.top) / view.height;
    },
    [SCROLLER, row] as const,
  );
}

/** Waits until nothing scrolls any more. */
export async function still(page: Page): Promise<void> {
  let before = Number.NaN;
  await expect
    .poll(async () => {
      const now = await belowTheView(page);
      const same = now === before;
      before = now;
      await nextFrames(page, 3);
      return same;
    })
    .toBe(true);
}
