import { expect, type Page, test } from '@playwright/test';
import { Server } from '../support/server';
import { Visitor } from '../support/visitor';

let server: Server;

test.beforeAll(async () => {
  server = await Server.start();
});

test.afterAll(() => server.stop());

/** What a tile says now, as a number. */
async function figure(page: Page, name: string): Promise<number> {
  const text = await page.locator(`[data-figure="${name}"] bdi`).first().textContent();
  return Number(text?.replaceAll(',', ''));
}

async function opensPage({ page }: Visitor): Promise<void> {
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Operator’s page' }).click();
}

const row = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name });

test('an owner sees numbers that move while people talk, a member is told whom the page is for', async ({
  browser,
}) => {
  const ana = await Visitor.arrives(browser, server.url, 'ana');
  const bo = await Visitor.arrives(browser, server.url, 'bo');
  await bo.createsRoom('garden');
  await ana.joinsRoom('garden');
  const roomId = ana.page.url().split('/').at(-1);

  await opensPage(ana);
  await expect(ana.page).toHaveURL(`${server.url}/admin`);
  await expect(ana.page.getByRole('heading', { name: 'Nothing needs you' })).toBeVisible();
  await expect.poll(() => figure(ana.page, 'connections')).toBe(2);
  await expect.poll(() => figure(ana.page, 'messages')).toBe(0);

  const talking = { goesOn: true };
  const talk = (async () => {
    while (talking.goesOn) {
      await bo.page.request.post(`${server.url}/api/rooms/${roomId}/messages`, {
        headers: { origin: server.url },
        data: { content: 'a line' },
      });
    }
  })();
  await expect.poll(() => figure(ana.page, 'messages')).toBeGreaterThan(1);
  await expect.poll(() => figure(ana.page, 'deliveries')).toBeGreaterThan(1);
  talking.goesOn = false;
  await talk;
  await expect.poll(() => figure(ana.page, 'messages')).toBe(0);
  await expect(ana.page.getByRole('region', { name: 'From commit to delivery' })).toContainText(/p99 .+ ms/);

  await bo.page.goto(`${server.url}/admin`);
  await expect(bo.page.getByRole('heading', { name: 'This page is for operators' })).toBeVisible();
  await bo.page.getByRole('button', { name: /^Account of/ }).click();
  await expect(bo.page.getByRole('menuitem', { name: 'Sign out' })).toBeVisible();
  await expect(bo.page.getByRole('menuitem', { name: 'Operator’s page' })).toHaveCount(0);
  const refused = await bo.page.request.get(`${server.url}/api/admin/stats`);
  expect(refused.status()).toBe(403);

  await ana.leavesInPeace();
  await bo.leavesInPeace();
});

test('67: an operator’s page that did not come begins anew by itself', async ({ browser }) => {
  const ana = await Visitor.returns(browser, server.url, 'ana', { serviceWorkers: 'block' });
  let refused = 0;
  await ana.context.route('**/assets/OperatorPage-*.js', (route) => {
    refused += 1;
    return refused === 1 ? route.abort() : route.continue();
  });
  await opensPage(ana);
  await expect(ana.page.getByRole('alert')).toContainText('A part of this page did not arrive.');
  await expect(ana.page.getByRole('region', { name: 'Fan-out' })).toBeVisible();
  expect(refused).toBeGreaterThan(1);
  await ana.leavesInPeace();
});

/** From when to when a plot is, as its table has it. */
async function rowsOf(page: Page, plot: string): Promise<string[]> {
  const region = page.getByRole('region', { name: plot, exact: true }).first();
  return region.locator('tbody th').allTextContents();
}

test('an operator comes closer to a part of the time by keys, by buttons and with the mouse, and back', async ({
  browser,
}) => {
  const ana = await Visitor.returns(browser, server.url, 'ana');
  const { page } = ana;
  await page.goto(`${server.url}/admin`);
  await page.getByRole('button', { name: 'Show as table: Connections' }).click();
  await expect.poll(() => rowsOf(page, 'Connections')).toHaveLength(16);
  const all = page.getByRole('button', { name: 'Show all' });
  const fan = page.getByRole('region', { name: 'Fan-out' });

  await fan.getByRole('slider').focus();
  await page.keyboard.press('+');
  await page.keyboard.press('+');
  await page.keyboard.press('+');
  await expect(all).toBeVisible();
  await expect(fan.getByRole('status')).toContainText(/ to /);
  const shown = () => page.getByRole('group', { name: 'Zoom', exact: true }).locator('..').textContent();
  await page.keyboard.press('Shift+ArrowLeft');
  const earlier = await shown();
  // What is past stays where it is while time goes on, and a point that is moved beyond it takes it along.
  await page.keyboard.press('Home');
  await expect(fan.getByRole('slider')).toHaveAttribute('aria-valuenow', '0');
  expect(await shown()).toBe(earlier);
  await page.keyboard.press('ArrowLeft');
  await expect.poll(shown).not.toBe(earlier);
  await page.keyboard.press('Escape');
  await expect(all).toHaveCount(0);

  const lines = fan.locator('.u-over');
  const box = await lines.boundingBox();
  if (!box) throw new Error('the plot is not on the page');
  await page.mouse.move(box.x + box.width * 0.5, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.75, box.y + 60, { steps: 4 });
  await page.mouse.up();
  await expect(all).toBeVisible();
  await all.click();
  await expect(page.getByRole('button', { name: 'Zoom in' })).toBeFocused();
  await expect(all).toHaveCount(0);
  await ana.leavesInPeace();
});

test('storage says what is free on the disk, and what people feel is told by release', async ({
  browser,
}) => {
  const ana = await Visitor.returns(browser, server.url, 'ana');
  const { page } = ana;
  await page.goto(`${server.url}/admin`);
  const told = await page.request.post(`${server.url}/api/vitals`, {
    headers: { origin: server.url },
    data: { release: 'app-next', lcpMs: 900, inpMs: 40 },
  });
  expect(told.status()).toBe(204);
  await expect(page.getByRole('region', { name: 'Storage' })).toContainText(/Free on the disk.*B/s);
  const felt = page.getByRole('table', { name: /^By release/ });
  await expect(felt.getByRole('row').filter({ hasText: 'app-next' })).toContainText(/ms.*ms/s);
  await ana.leavesInPeace();
});

test('an owner makes an admin and deactivates somebody, and the log says so', async ({ browser }) => {
  const ana = await Visitor.returns(browser, server.url, 'ana');
  const dov = await Visitor.arrives(browser, server.url, 'dov');
  const eva = await Visitor.arrives(browser, server.url, 'eva');
  const { page } = ana;

  await page.goto(`${server.url}/admin/people`);
  await row(page, 'Dov').getByRole('combobox').selectOption('Admin');
  await page.getByRole('button', { name: 'Change role' }).click();
  await expect(row(page, 'Dov').getByRole('combobox')).toHaveValue('admin');

  await page.getByRole('searchbox', { name: 'Find somebody' }).fill('eva');
  await expect(row(page, 'Dov')).toHaveCount(0);
  await page.getByRole('button', { name: 'Deactivate: Eva' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Deactivate' }).click();
  await expect(row(page, 'Eva')).toContainText('Deactivated');
  await expect(eva.page.getByRole('dialog', { name: 'Sign in again' })).toBeVisible();

  await dov.page.reload();
  await opensPage(dov);
  await dov.page.getByRole('link', { name: 'Audit log' }).click();
  const log = dov.page.locator('[data-action]');
  await expect(log).toHaveCount(2);
  await expect(log.first()).toContainText('Ana deactivated eva');
  await expect(log.last()).toContainText('Ana changed the role of dov');
  await expect(log.last()).toContainText(/Member.*Admin/);
  await dov.page.getByRole('combobox', { name: 'What' }).selectOption('Role changed');
  await expect(log).toHaveCount(1);
  await dov.page.reload();
  await expect(log).toHaveCount(1);

  await page.getByRole('button', { name: 'Reactivate: Eva' }).click();
  await expect(row(page, 'Eva')).not.toContainText('Deactivated');
  await ana.leavesInPeace();
});
