import { expect, test } from '@playwright/test';
import { Server } from '../support/server';
import { Visitor } from '../support/visitor';

let server: Server;

test.beforeEach(async () => {
  server = await Server.start();
});

test.afterEach(() => server.stop());

// Whether the message was stored before the end or not is chance; that there is
// one copy afterwards is not.
for (const when of ['at once', 'when the server may have stored it']) {
  test(`38: a server killed mid-send, ${when}, leaves exactly one copy`, async ({ browser }) => {
    const ana = await Visitor.arrives(browser, server.url, 'ana');
    const bo = await Visitor.arrives(browser, server.url, 'bo');
    await ana.createsRoom('release');
    await bo.joinsRoom('release');
    await bo.says('Ready when you are');
    await ana.sees('Ready when you are');

    await ana.composer.fill('Going now');
    await ana.composer.press('Enter');
    if (when !== 'at once')
      await ana.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    await server.kill();
    await expect(ana.page.getByText(/No connection|Reconnecting/).first()).toBeVisible();
    await expect(ana.rows.filter({ hasText: 'Going now' })).toHaveCount(1);
    await ana.says('And one more, while it is away');

    await server.startAgain();
    for (const person of [ana, bo]) {
      await person.sees('Going now');
      await person.sees('And one more, while it is away');
      await expect(person.page.getByRole('button', { name: 'Retry now' })).toBeHidden();
      await expect(person.messages).toHaveCount(3);
      await expect(person.rows).toHaveCount(3);
      await expect(person.messages.nth(1)).toContainText('Going now');
    }

    await ana.page.reload();
    await ana.sees('Going now');
    await expect(ana.messages).toHaveCount(3);
    await ana.leavesInPeace();
    await bo.leavesInPeace();
  });
}

test('39: what was written without a connection survives a reload of the page', async ({ browser }) => {
  const ana = await Visitor.arrives(browser, server.url, 'ana');
  await ana.createsRoom('release');
  await ana.says('Before');
  await ana.sees('Before');
  await server.kill();
  await ana.says('Into the dark');
  await expect(ana.page.getByText(/Waiting for a connection|Delivery not confirmed/)).toBeVisible();

  // The page itself comes from the server, so it is back before the reload.
  await ana.context.route(/socket\.io/, (route) => route.abort());
  await server.startAgain();
  await ana.page.reload();
  await expect(ana.rows.filter({ hasText: 'Into the dark' })).toHaveCount(1);
  await ana.context.unroute(/socket\.io/);
  await ana.sees('Into the dark');
  await expect(ana.rows).toHaveCount(2);
  await ana.leavesInPeace();
});
