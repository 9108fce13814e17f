import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import type { Draft } from '../chat/outbox';
import { StoredOutbox } from './outboxStorage';

/** Locks as several tabs of one browser see them; a tab that closes lets go of its own. */
class Browser {
  readonly held = new Set<string>();

  tab(user: string): { outbox: StoredOutbox; close: () => void } {
    const mine = new Set<string>();
    const locks = {
      request: (name: string) => {
        mine.add(name);
        this.held.add(name);
        return new Promise(() => {});
      },
      query: () => Promise.resolve({ held: [...this.held].map((name) => ({ name })) }),
    };
    const close = () => {
      for (const name of mine) this.held.delete(name);
    };
    return { outbox: new StoredOutbox(user, locks as unknown as LockManager), close };
  }
}

const draft = (clientId: string, second: number): Draft => ({
  clientId,
  roomId: 'den',
  content: clientId,
  createdAt: new Date(Date.UTC(2026, 10, 19, 14, 0, second)).toISOString(),
});

test('drafts of a closed tab go to the next one, oldest first', async () => {
  const browser = new Browser();
  const first = browser.tab('ana');
  await first.outbox.keep(draft('second', 2));
  await first.outbox.keep(draft('first', 1));
  first.close();
  const claimed = await browser.tab('ana').outbox.claim();
  expect(claimed).toEqual([draft('first', 1), draft('second', 2)]);
});

test('drafts of a tab that still lives are left to it', async () => {
  const browser = new Browser();
  await browser.tab('bo').outbox.keep(draft('a', 1));
  expect(await browser.tab('bo').outbox.claim()).toEqual([]);
});

test('what was acknowledged is not brought back', async () => {
  const browser = new Browser();
  const first = browser.tab('cleo');
  await first.outbox.keep(draft('a', 1));
  await first.outbox.forget('a');
  first.close();
  expect(await browser.tab('cleo').outbox.claim()).toEqual([]);
});

test('accounts in the same browser do not see the drafts of each other', async () => {
  const browser = new Browser();
  const first = browser.tab('dan');
  await first.outbox.keep(draft('a', 1));
  first.close();
  expect(await browser.tab('eve').outbox.claim()).toEqual([]);
});

test('signing out leaves nothing behind', async () => {
  const browser = new Browser();
  const first = browser.tab('fay');
  await first.outbox.keep(draft('a', 1));
  await first.outbox.clear();
  first.close();
  expect(await browser.tab('fay').outbox.claim()).toEqual([]);
});
