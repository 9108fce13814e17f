import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { expect, test, vi } from 'vitest';
import { room } from '../../tests/support/people';
import type { KeptMessage } from '../chat/outbox';
import { Database } from './database';
import { draftStorage, memoryStorage, outboxStorage } from './storage';

const kept = (clientId: string, second: number): KeptMessage => ({
  clientId,
  roomId: 'den',
  content: clientId,
  createdAt: new Date(Date.UTC(2026, 10, 19, 14, 0, second)).toISOString(),
});

const outboxOf = (database: Database) => outboxStorage(database, 'ana', undefined);

test('messages of all tabs are listed together, oldest first', async () => {
  await outboxOf(new Database('ana')).keep(kept('second', 2));
  await outboxOf(new Database('ana')).keep(kept('first', 1));
  expect(await outboxOf(new Database('ana')).list()).toEqual([kept('first', 1), kept('second', 2)]);
});

test('what an earlier release left unsent is still there', async () => {
  const earlier = await openDB('roost:cleo', 1, {
    upgrade: (database) => void database.createObjectStore('outbox', { keyPath: 'clientId' }),
  });
  await earlier.put('outbox', kept('a', 1));
  earlier.close();
  expect(await outboxOf(new Database('cleo')).list()).toEqual([kept('a', 1)]);
});

test('a tab of an earlier release that sleeps keeps nobody waiting', async () => {
  const asleep = await openDB('roost:ida', 1);
  await expect(outboxOf(new Database('ida')).list()).rejects.toThrow('Another tab');
  asleep.close();
  await vi.waitFor(async () => expect(await outboxOf(new Database('ida')).list()).toEqual([]));
});

test('what was acknowledged is not brought back', async () => {
  const outbox = outboxOf(new Database('bo'));
  await outbox.keep(kept('a', 1));
  await outbox.forget('a');
  expect(await outbox.list()).toEqual([]);
});

test('accounts in the same browser see nothing of each other', async () => {
  await outboxOf(new Database('dan')).keep(kept('a', 1));
  expect(await outboxOf(new Database('eve')).list()).toEqual([]);
});

test('an emptied text is no draft any more', async () => {
  const drafts = draftStorage(new Database('fay'));
  await drafts.keep({ roomId: 'den', text: 'not yet' });
  expect(await drafts.list()).toEqual([{ roomId: 'den', text: 'not yet' }]);
  await drafts.keep({ roomId: 'den', text: '' });
  expect(await drafts.list()).toEqual([]);
});

test('a room that is forgotten takes its page along', async () => {
  const memory = memoryStorage(new Database('gus'));
  const page = { roomId: 'den', messages: [], hasBefore: false, lastSeq: 1, epoch: 'one', at: 1 };
  await memory.keep([{ room: room('den') }], [page]);
  expect(await memory.page('den')).toEqual(page);
  await memory.forgetRooms(['den']);
  expect([await memory.rooms(), await memory.pages()]).toEqual([[], []]);
});

test('6: signing out leaves no database behind, and other tabs neither read nor write one', async () => {
  const here = new Database('hal');
  const elsewhere = new Database('hal');
  await outboxOf(here).keep(kept('a', 1));
  await draftStorage(elsewhere).keep({ roomId: 'den', text: 'not yet' });
  await here.wipe();
  await vi.waitFor(async () => {
    expect((await indexedDB.databases()).map(({ name }) => name)).not.toContain('roost:hal');
  });
  await expect(draftStorage(elsewhere).list()).rejects.toThrow();
  await expect(draftStorage(elsewhere).keep({ roomId: 'den', text: 'late' })).rejects.toThrow();
  expect(await outboxOf(new Database('hal')).list()).toEqual([]);
});

/** Locks as the tabs of one browser see them. */
class Locks {
  readonly asked: LockOptions[] = [];
  #held: { taken: (reason: unknown) => void } | undefined;
  readonly #waiting: (() => void)[] = [];

  request(_: string, options: LockOptions, run: () => Promise<void>): Promise<void> {
    this.asked.push(options);
    if (options.steal) {
      this.#held?.taken(new DOMException('stolen', 'AbortError'));
      this.#held = undefined;
    }
    return new Promise((resolve, reject) => {
      const begin = () => {
        const mine = { taken: reject };
        this.#held = mine;
        void run().then(() => {
          if (this.#held === mine) this.#held = undefined;
          resolve();
          this.#waiting.shift()?.();
        });
      };
      if (!this.#held) {
        begin();
        return;
      }
      this.#waiting.push(begin);
      options.signal?.addEventListener('abort', () => {
        this.#waiting.splice(this.#waiting.indexOf(begin), 1);
        reject(new DOMException('too long', 'TimeoutError'));
      });
    });
  }
}

test('39: one tab at a time sends what a room holds', async () => {
  const locks = new Locks() as unknown as LockManager;
  const [first, second] = [0, 1].map(() => outboxStorage(new Database('ida'), 'ida', locks));
  const order: string[] = [];
  let finish = () => {};
  const turn = first?.alone('den', () => {
    order.push('first begins');
    return new Promise((resolve) => {
      finish = resolve;
    });
  });
  const next = second?.alone('den', () => Promise.resolve(void order.push('second')));
  finish();
  order.push('first ends');
  await Promise.all([turn, next]);
  expect(order).toEqual(['first begins', 'first ends', 'second']);
});

test('a tab that fell asleep with its turn loses it', async () => {
  const signal = new AbortController();
  vi.spyOn(AbortSignal, 'timeout').mockReturnValue(signal.signal);
  const locks = new Locks() as unknown as LockManager;
  const [asleep, awake] = [0, 1].map(() => outboxStorage(new Database('jon'), 'jon', locks));
  void asleep?.alone('den', () => new Promise(() => {}));
  let ran = false;
  const turn = awake?.alone('den', async () => {
    ran = true;
  });
  expect(ran).toBe(false);
  signal.abort();
  await turn;
  expect(ran).toBe(true);
});
