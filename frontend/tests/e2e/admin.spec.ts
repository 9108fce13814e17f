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
