/**
 * Short words about what did or did not work.
 *
 * Anybody may say one; `Toasts`, which shows them, is fetched with the first.
 */
export interface Words {
  readonly title: string;
  readonly description?: string;
  /** Told to a screen reader at once, whatever it is reading. */
  readonly urgent?: boolean;
  /** How long they stay, in milliseconds; 5 seconds unless said. */
  readonly timeout?: number;
  /** What can be done about it. */
  readonly action?: { readonly label: string; readonly act: () => void };
  /** They are gone, by themselves or by a hand. */
  readonly onGone?: () => void;
}

/** Takes words back. */
type TakeBack = () => void;

type Show = (words: Words) => TakeBack;

/** Said before there was anybody to show it. */
interface Waiting {
  readonly words: Words;
  shown?: TakeBack;
  over?: boolean;
}

export class Toasting {
  #show: Show | undefined;
  #waiting: Waiting[] = [];
  readonly #listeners = new Set<() => void>();
  #needed = false;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Somebody has said something. */
  readonly needed = (): boolean => this.#needed;

  say(words: Words): TakeBack {
    if (this.#show) return this.#show(words);
    const waiting: Waiting = { words };
    this.#waiting.push(waiting);
    if (!this.#needed) {
      this.#needed = true;
      for (const listener of this.#listeners) listener();
    }
    return () => {
      waiting.over = true;
      waiting.shown?.();
    };
  }

  /** Here is who shows them from now on. */
  shownBy(show: Show): () => void {
    this.#show = show;
    for (const waiting of this.#waiting) if (!waiting.over) waiting.shown = show(waiting.words);
    this.#waiting = [];
    return () => {
      this.#show = undefined;
    };
  }
}

export const toasting = new Toasting();
