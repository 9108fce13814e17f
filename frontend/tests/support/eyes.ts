/** Looks at a page as those do who see, hear or reach it differently. */
import { expect, type Page } from '@playwright/test';
import axe from 'axe-core';

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const WIDE = { width: 1280, height: 800 };
const PHONE = { width: 360, height: 720 };

type Rules = { type: 'tag' | 'rule'; values: string[] };

const EVERYTHING: Rules = { type: 'tag', values: WCAG };
/** All that a theme changes. */
const CONTRAST: Rules = { type: 'rule', values: ['color-contrast'] };

/** Wide and on a phone, in every theme: nothing of WCAG 2.2, A or AA, is missed. */
export async function isAccessible(page: Page, what: string): Promise<void> {
  await page.setViewportSize(WIDE);
  await inTheme(page, 'light');
  await passes(page, EVERYTHING, what);
  for (const theme of ['dark', 'contrast']) {
    await inTheme(page, theme);
    await passes(page, CONTRAST, `${what}, ${theme}`);
  }
  await inTheme(page, 'light');
  await page.setViewportSize(PHONE);
  await passes(page, EVERYTHING, `${what}, on a phone`);
  await page.setViewportSize(WIDE);
}

/** Without asking the account, and so without a page being loaded. */
export async function inTheme(page: Page, theme: string): Promise<void> {
  await page.evaluate((name) => document.documentElement.setAttribute('data-theme', name), theme);
}

/** What fades in or changes its colour has done so. */
export async function isStill(page: Page): Promise<void> {
  const moving = () =>
    page.evaluate(() => document.getAnimations().filter((one) => one.playState === 'running').length);
  await expect.poll(moving).toBe(0);
}

async function passes(page: Page, rules: Rules, what: string): Promise<void> {
  let found: string[] | undefined;
  while (!found) {
    await isStill(page);
    // Evaluated, since a script in the page would be refused.
    if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
    found = await page.evaluate(violations, rules);
  }
  expect.soft(found, what).toEqual([]);
}

/** What axe finds; nothing is known when something began to fade while it looked. */
async function violations(runOnly: Rules): Promise<string[] | undefined> {
  let moved = false;
  const watching = new AbortController();
  for (const begin of ['transitionrun', 'animationstart'])
    document.addEventListener(begin, () => (moved = true), { signal: watching.signal });
  const found = await (window as unknown as { axe: typeof axe }).axe.run({
    runOnly,
    resultTypes: ['violations'],
  });
  watching.abort();
  if (moved) return undefined;
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, html, any, all, none }) => {
      const why = [...any, ...all, ...none].map(({ message }) => message).join(' ');
      return `${id}: ${target.join(' ')} ${html.slice(0, 160)} ${why}`;
    }),
  );
}
