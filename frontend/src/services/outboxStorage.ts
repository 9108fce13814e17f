/**
 * The outbox in IndexedDB, one database per account.
 *
 * Several tabs share it. A draft belongs to the tab that wrote it for as long as
 * that tab lives, which it shows by holding a lock; the drafts of a tab that is
 * gone go to the next one that asks.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { newId } from '../chat/ids';
import type { Draft, OutboxStorage } from '../chat/outbox';

interface Schema extends DBSchema {
  outbox: { key: string; value: Draft & { page: string } };
}

const lockOf = (page: string) => `roost-page:${page}`;

export class StoredOutbox implements OutboxStorage {
  readonly #page = newId();
  readonly #name: string;
  readonly #locks: LockManager | undefined;
  #database: Promise<IDBPDatabase<Schema>> | undefined;

  /** `locks` is absent on plain http; then every tab takes what it finds. */
  constructor(userId: string, locks: LockManager | undefined) {
    this.#name = `roost:${userId}`;
    this.#locks = locks;
    // Held until the page goes away: the callback never settles.
    locks?.request(lockOf(this.#page), () => new Promise(() => undefined)).catch(() => undefined);
  }

  async claim(): Promise<Draft[]> {
    const database = await this.#open();
    const held = (await this.#locks?.query())?.held ?? [];
    const living = new Set(held.map((lock) => lock.name));
    const transaction = database.transaction('outbox', 'readwrite');
    const claimed: Draft[] = [];
    for (const { page, ...draft } of await transaction.store.getAll()) {
      if (page !== this.#page && living.has(lockOf(page))) continue;
      await transaction.store.put({ ...draft, page: this.#page });
      claimed.push(draft);
    }
    await transaction.done;
    return claimed.sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
  }

  async keep(draft: Draft): Promise<void> {
    const database = await this.#open();
    await database.put('outbox', { ...draft, page: this.#page });
  }

  async forget(clientId: string): Promise<void> {
    const database = await this.#open();
    await database.delete('outbox', clientId);
  }

  async clear(): Promise<void> {
    const database = await this.#open();
    await database.clear('outbox');
  }

  #open(): Promise<IDBPDatabase<Schema>> {
    this.#database ??= openDB<Schema>(this.#name, 1, {
      upgrade: (database) => {
        database.createObjectStore('outbox', { keyPath: 'clientId' });
      },
    });
    return this.#database;
  }
}
