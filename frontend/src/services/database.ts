/** What this browser keeps of one account: a database of its own, which signing out deletes whole. */
import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from 'idb';
import type { Draft } from '../chat/drafts';
import type { RememberedPage, RememberedRoom } from '../chat/memory';
import type { KeptMessage } from '../chat/outbox';

export interface Schema extends DBSchema {
  outbox: { key: string; value: KeptMessage };
  drafts: { key: string; value: Draft };
  rooms: { key: string; value: RememberedRoom };
  pages: { key: string; value: RememberedPage };
}

const VERSION = 2;
const STORES = [
  ['outbox', 'clientId'],
  ['drafts', 'roomId'],
  ['rooms', 'room.id'],
  ['pages', 'roomId'],
] as const;

export class Database {
  readonly #name: string;
  #opened: Promise<IDBPDatabase<Schema>> | undefined;
  #gone = false;

  constructor(userId: string) {
    this.#name = `roost:${userId}`;
  }

  open(): Promise<IDBPDatabase<Schema>> {
    if (this.#gone) return Promise.reject(new Error('Nothing is kept of this account any more.'));
    this.#opened ??= new Promise((resolve, reject) => {
      openDB<Schema>(this.#name, VERSION, {
        // Only ever adds: an earlier release may have left something unsent.
        upgrade: (database) => {
          for (const [store, keyPath] of STORES) {
            if (!database.objectStoreNames.contains(store)) database.createObjectStore(store, { keyPath });
          }
        },
        // A tab of an earlier release is asleep. Nobody waits until somebody wakes it: this visit goes without.
        blocked: () => reject(new Error('Another tab holds this database as it was.')),
        // Another tab signs out, or is of a later release: this one must not stand in its way.
        blocking: () => this.#close(),
      }).then(resolve, reject);
    });
    return this.#opened;
  }

  /** Deletes everything and keeps nothing from now on, in any tab. */
  async wipe(): Promise<void> {
    const database = await this.open();
    const stores = [...database.objectStoreNames];
    const transaction = database.transaction(stores, 'readwrite');
    await Promise.all(stores.map((store) => transaction.objectStore(store).clear()));
    await transaction.done;
    await this.#close();
    // Empty already; a tab that is asleep may hold it open for as long as it likes.
    void deleteDB(this.#name).catch(() => undefined);
  }

  async #close(): Promise<void> {
    this.#gone = true;
    (await this.#opened)?.close();
  }
}
