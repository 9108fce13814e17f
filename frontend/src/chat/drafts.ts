/**
 * Texts begun and not yet sent, one a room.
 *
 * They are kept within a fraction of a second, so that no reload and no crash
 * takes more than a word, and other tabs show the same text. A text that is
 * being written here wins over what another tab says meanwhile.
 */
import type { Notices } from './notices';
import type { Tabs } from './tabs';

/** With the time that storing takes, within the 300 ms that are promised. */
const SAVE_AFTER_MS = 200;

export interface Draft {
  readonly roomId: string;
  readonly text: string;
}

export interface DraftStorage {
  list(): Promise<Draft[]>;
  /** An empty text is forgotten. */
  keep(draft: Draft): Promise<void>;
}

type Listener = (roomId: string, text: string) => void;

export class Drafts {
  readonly #storage: DraftStorage;
  readonly #tabs: Tabs;
  readonly #notices: Notices;
  readonly #texts = new Map<string, string>();
  readonly #unsaved = new Set<string>();
  readonly #listeners = new Set<Listener>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(storage: DraftStorage, tabs: Tabs, notices: Notices) {
    this.#storage = storage;
    this.#tabs = tabs;
    this.#notices = notices;
  }

  get(roomId: string): string {
    return this.#texts.get(roomId) ?? '';
  }

  has(roomId: string): boolean {
    return this.#texts.has(roomId);
  }

  /** Brings back what was begun on earlier visits, except where a text has been begun anew. */
  async restore(): Promise<void> {
    for (const { roomId, text } of await this.#storage.list().catch(() => [])) {
      if (!this.has(roomId) && !this.#unsaved.has(roomId)) this.#take(roomId, text);
    }
  }

  write(roomId: string, text: string): void {
    this.#set(roomId, text);
    this.#unsaved.add(roomId);
    this.#timer ??= setTimeout(() => this.save(), SAVE_AFTER_MS);
  }

  /** It was sent, or is not wanted any more. */
  clear(roomId: string): void {
    this.write(roomId, '');
    this.save();
  }

  /** Keeps what has changed, at once: the page may be about to go. */
  save(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const roomId of this.#unsaved) {
      const text = this.get(roomId);
      // Without storage a text lives as long as the page.
      this.#storage.keep({ roomId, text }).catch(() => undefined);
      this.#tabs.tell({ name: 'draft_changed', roomId, text });
    }
    this.#unsaved.clear();
  }

  /** Another tab of this browser has another text now. */
  hear(roomId: string, text: string): void {
    if (!this.#unsaved.has(roomId)) this.#take(roomId, text);
  }

  /** Hears of texts that were not written here. */
  onOtherText(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #take(roomId: string, text: string): void {
    this.#set(roomId, text);
    for (const listener of this.#listeners) listener(roomId, text);
  }

  #set(roomId: string, text: string): void {
    const had = this.has(roomId);
    if (text === '') this.#texts.delete(roomId);
    else this.#texts.set(roomId, text);
    // Whoever marks rooms with a draft need not hear of every letter.
    if (had !== this.has(roomId)) this.#notices.changed(`draft:${roomId}`);
  }
}
