import { expect, type Page, test } from '@playwright/test';
import { Server } from '../support/server';
import { Visitor } from '../support/visitor';

const PAPER = 'rgb(245, 242, 236)';
const SLATE = 'rgb(12, 20, 23)';

let server: Server;

test.beforeAll(async () => {
  server = await Server.start();
});

test.afterAll(() => server.stop());

const background = (page: Page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
const looks = async (page: Page, colour: string) => expect.poll(() => background(page)).toBe(colour);

async function opensSettings(person: Visitor) {
  await person.page.getByRole('button', { name: `Account of ${person.name}` }).click();
  await person.page.getByRole('menuitem', { name: 'Settings' }).click();
  return person.page.getByRole('dialog', { name: 'Settings' });
}

test('60: the theme is the system’s until one is chosen, and is there before the first paint', async ({
  browser,
}) => {
  // What a service worker keeps could not be held back.
  const ana = await Visitor.arrives(browser, server.url, 'ana', {
    colorScheme: 'light',
    serviceWorkers: 'block',
  });
  await looks(ana.page, PAPER);
  await ana.page.emulateMedia({ colorScheme: 'dark' });
  await looks(ana.page, SLATE);
  await ana.page.emulateMedia({ colorScheme: 'light' });

  const settings = await opensSettings(ana);
  await settings.getByRole('radio', { name: 'High contrast' }).check();
  await looks(ana.page, 'rgb(255, 255, 255)');
  await settings.getByRole('radio', { name: 'Dark' }).check();
  await looks(ana.page, SLATE);

  // Without the program itself, what is painted is dark all the same.
  await ana.page.route(/\/assets\/.*\.js$/, (route) => route.abort());
  await ana.page.reload();
  expect(await background(ana.page)).toBe(SLATE);
  await ana.page.unroute(/\/assets\/.*\.js$/);
  await ana.page.reload();
  await ana.isIn();
  await looks(ana.page, SLATE);
  await ana.leavesInPeace();
});

test('60: a choice is heard in other tabs and on other devices, the size of text on none', async ({
  browser,
}) => {
  const bo = await Visitor.arrives(browser, server.url, 'bo');
  await bo.createsRoom('den');
  await bo.says('How large am I?');
  const phone = await Visitor.returns(browser, server.url, 'bo');
  const tab = await bo.opensTab();
  const sizeIn = ({ page }: Visitor) =>
    page.evaluate(() => getComputedStyle(document.querySelector('#composer') as Element).fontSize);

  await bo.page.bringToFront();
  const settings = await opensSettings(bo);
  await settings.getByRole('radio', { name: 'Compact' }).check();
  await expect(tab.page.locator('html')).toHaveAttribute('data-density', 'compact');

  const size = settings.getByRole('slider', { name: 'Size of text' });
  await expect(size).toHaveAccessibleDescription('On this device only');
  await size.press('End');
  await expect.poll(() => sizeIn(bo)).toBe('20px');
  await expect.poll(() => sizeIn(tab)).toBe('20px');
  await size.press('Home');
  await expect.poll(() => sizeIn(bo)).toBe('13px');

  await phone.page.reload();
  await expect(phone.page.locator('html')).toHaveAttribute('data-density', 'compact');
  await phone.room('den').click();
  expect(await sizeIn(phone)).toBe('15px');
  await bo.leavesInPeace();
  await phone.leavesInPeace();
});

test('61: where movement is not wanted things fade in, and quickly', async ({ browser }) => {
  const cleo = await Visitor.arrives(browser, server.url, 'cleo', { reducedMotion: 'reduce' });
  const settings = await opensSettings(cleo);
  await expect(settings).toBeVisible();
  const moves = await cleo.page.evaluate(() => {
    const seconds = (list: string) => list.split(',').map((one) => Number.parseFloat(one));
    const shift = getComputedStyle(document.documentElement).getPropertyValue('--shift');
    const longest = [...document.querySelectorAll('*')].flatMap((element) => {
      const { transitionDuration, animationDuration } = getComputedStyle(element);
      return [...seconds(transitionDuration), ...seconds(animationDuration)];
    });
    return { shift, longest: Math.max(...longest) };
  });
  expect(moves.shift).toBe('0px');
  expect(moves.longest).toBeLessThanOrEqual(0.08);
  await cleo.leavesInPeace();
});
