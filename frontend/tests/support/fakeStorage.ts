/** Storages that keep things in memory, and tabs that are held by a test. */
import type { Deletion, DeletionStorage } from '../../src/chat/deletions';
import type { Draft, DraftStorage } from '../../src/chat/drafts';
import type { MemoryStorage, RememberedPage, RememberedRoom } from '../../src/chat/memory';
import type { KeptMessage, OutboxStorage } from '../../src/chat/outbox';
import type { ChatStorage } from '../../src/chat/parts';
import type { Tabs, TabWord } from '../../src/chat/tabs';

/** One outbox, which several tabs may share. */
export class FakeOutbox implements OutboxStorage {
  readonly messages = new Map<string, KeptMessage>();
  readonly #turns = new Map<string, Promise<void>>();

  list = () =>
    Promise.resolve([...this.messages.values()].sort((a, b) => a.createdAt.localeCompare(b.createdAt)));
  keep = (message: KeptMessage) => Promise.resolve(void this.messages.set(message.clientId, message));
  forget = (clientId: string) => Promise.resolve(void this.messages.delete(clientId));
  alone = (roomId: string, task: () => Promise<void>) => {
    const turn = (this.#turns.get(roomId) ?? Promise.resolve()).then(task);
    this.#turns.set(roomId, turn);
    return turn;
  };
}

export class FakeDrafts implements DraftStorage {
  readonly texts = new Map<string, string>();
  list = () => Promise.resolve([...this.texts].map(([roomId, text]) => ({ roomId, text })));
  keep = ({ roomId, text }: Draft) => {
    if (text === '') this.texts.delete(roomId);
    else this.texts.set(roomId, text);
    return Promise.resolve();
  };
}

class FakeMemory implements MemoryStorage {
  readonly kept = new Map<string, RememberedRoom>();
  readonly keptPages = new Map<string, RememberedPage>();
  rooms = () => Promise.resolve([...this.kept.values()]);
  page = (roomId: string) => Promise.resolve(this.keptPages.get(roomId));
  pages = () => Promise.resolve([...this.keptPages.values()]);
  keep = (rooms: readonly RememberedRoom[], pages: readonly RememberedPage[]) => {
    for (const one of rooms) this.kept.set(one.room.id, one);
    for (const page of pages) this.keptPages.set(page.roomId, page);
    return Promise.resolve();
  };
  forgetRooms = (roomIds: readonly string[]) => {
    for (const roomId of roomIds) this.kept.delete(roomId);
    return this.forgetPages(roomIds);
  };
  forgetPages = (roomIds: readonly string[]) => {
    for (const roomId of roomIds) this.keptPages.delete(roomId);
    return Promise.resolve();
  };
}

export class FakeDeletions implements DeletionStorage {
  readonly #kept = new Map<string, Deletion>();
  list = () => [...this.#kept.values()];
  keep = (deletion: Deletion) => void this.#kept.set(deletion.messageId, deletion);
  forget = (messageId: string) => void this.#kept.delete(messageId);
}

export interface FakeStorage extends ChatStorage {
  outbox: FakeOutbox;
  drafts: FakeDrafts;
  memory: FakeMemory;
  deletions: FakeDeletions;
}

export const fakeStorage = (): FakeStorage => ({
  outbox: new FakeOutbox(),
  drafts: new FakeDrafts(),
  memory: new FakeMemory(),
  deletions: new FakeDeletions(),
});

/** A browser whose tabs hear each other at once. */
export class FakeBrowser {
  readonly #listeners = new Map<Tabs, (word: TabWord) => void>();

  tab(): Tabs {
    const tab: Tabs = {
      tell: (word) => {
        for (const [other, listener] of this.#listeners) if (other !== tab) listener(word);
      },
      hear: (listener) => void this.#listeners.set(tab, listener),
    };
    return tab;
  }
}
