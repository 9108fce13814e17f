/** The chat's storages over the account's database in IndexedDB. */
import type { DraftStorage } from '../chat/drafts';
import type { MemoryStorage } from '../chat/memory';
import type { OutboxStorage } from '../chat/outbox';
import type { Database } from './database';

/** Longer than a tab that lives takes for an answer; one that does not is asleep with its turn. */
const TURN_TAKES_AT_MOST_MS = 20_000;

/** `locks` is absent on plain http; then tabs send beside each other, and the server stores each message once. */
export function outboxStorage(
  database: Database,
  userId: string,
  locks: LockManager | undefined,
): OutboxStorage {
  return {
    async list() {
      const messages = await (await database.open()).getAll('outbox');
      return messages.sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
    },
    async keep(message) {
      const transaction = (await database.open()).transaction('outbox', 'readwrite');
      await atOnce(transaction, transaction.store.put(message));
    },
    async forget(clientId) {
      const transaction = (await database.open()).transaction('outbox', 'readwrite');
      await atOnce(transaction, transaction.store.delete(clientId));
    },
    async alone(roomId, task) {
      if (!locks) return task();
      const name = `roost-outbox:${userId}:${roomId}`;
      const turn: { begun?: Promise<void> } = {};
      const run = () => {
        turn.begun = task();
        return turn.begun;
      };
      const signal = AbortSignal.timeout(TURN_TAKES_AT_MOST_MS);
      // Refused when this tab waited in vain, or when another took the turn from it.
      await locks.request(name, { signal }, run).catch(() => undefined);
      if (!turn.begun) await locks.request(name, { steal: true }, run).catch(() => undefined);
      await (turn.begun ?? task());
    },
  };
}

export function draftStorage(database: Database): DraftStorage {
  return {
    async list() {
      return (await database.open()).getAll('drafts');
    },
    async keep(draft) {
      const transaction = (await database.open()).transaction('drafts', 'readwrite');
      const { store } = transaction;
      await atOnce(transaction, draft.text === '' ? store.delete(draft.roomId) : store.put(draft));
    },
  };
}

export function memoryStorage(database: Database): MemoryStorage {
  return {
    async rooms() {
      return (await database.open()).getAll('rooms');
    },
    async page(roomId) {
      return (await database.open()).get('pages', roomId);
    },
    async pages() {
      return (await database.open()).getAll('pages');
    },
    async keep(rooms, pages) {
      const transaction = (await database.open()).transaction(['rooms', 'pages'], 'readwrite');
      const changes = [
        ...rooms.map((room) => transaction.objectStore('rooms').put(room)),
        ...pages.map((page) => transaction.objectStore('pages').put(page)),
      ];
      await atOnce(transaction, Promise.all(changes));
    },
    async forgetRooms(roomIds) {
      const transaction = (await database.open()).transaction(['rooms', 'pages'], 'readwrite');
      const stores = [transaction.objectStore('rooms'), transaction.objectStore('pages')];
      const changes = stores.flatMap((store) => roomIds.map((roomId) => store.delete(roomId)));
      await atOnce(transaction, Promise.all(changes));
    },
    async forgetPages(roomIds) {
      const transaction = (await database.open()).transaction('pages', 'readwrite');
      await atOnce(transaction, Promise.all(roomIds.map((roomId) => transaction.store.delete(roomId))));
    },
  };
}

/** Commits without waiting to be asked: of a page that goes away, only what is committed stays. */
async function atOnce(
  transaction: { commit(): void; done: Promise<void> },
  change: Promise<unknown>,
): Promise<void> {
  transaction.commit();
  await Promise.all([change, transaction.done]);
}
