/**
 * The room that somebody looks at, whichever tab of the browser shows it.
 *
 * Only one window has the focus, so the last that said it has is believed, until
 * the same one says that it has not.
 */

export type LookWord =
  | { readonly name: 'looks'; readonly tab: string; readonly roomId: string | undefined }
  | { readonly name: 'who_looks' };

interface LookTabs {
  tell(word: LookWord): void;
  hear(listener: (word: LookWord) => void): void;
}

export class Looks {
  readonly #tab: string;
  readonly #tabs: LookTabs;
  #now: { tab: string; roomId: string } | undefined;

  constructor(tab: string, tabs: LookTabs) {
    this.#tab = tab;
    this.#tabs = tabs;
    tabs.hear((word) => this.#hear(word));
    tabs.tell({ name: 'who_looks' });
  }

  get at(): string | undefined {
    return this.#now?.roomId;
  }

  /** What is looked at in this tab; nothing while it does not have the focus. */
  look(roomId: string | undefined): void {
    this.#looks(this.#tab, roomId);
    this.#tabs.tell({ name: 'looks', tab: this.#tab, roomId });
  }

  #hear(word: LookWord): void {
    if (word.name === 'looks') this.#looks(word.tab, word.roomId);
    else if (this.#now?.tab === this.#tab) this.look(this.#now.roomId);
  }

  #looks(tab: string, roomId: string | undefined): void {
    if (roomId !== undefined) this.#now = { tab, roomId };
    else if (this.#now?.tab === tab) this.#now = undefined;
  }
}
