/**
 * Where the reader was at each entry of the browser's history, so that Back and
 * Forward lead to former places and not only to former rooms.
 *
 * Kept for the life of the page: whoever reloads it opens the room anew.
 */

/** More steps back than this open the room as if it had been chosen. */
const MOST_PLACES = 200;

/** At the end, or with the top of a message so far below the upper edge of the view. */
export type FormerPlace = 'end' | { readonly messageId: string; readonly top: number };

export class Places {
  readonly #places = new Map<string, FormerPlace>();

  at(entry: string): FormerPlace | undefined {
    return this.#places.get(entry);
  }

  forget(entry: string): void {
    this.#places.delete(entry);
  }

  keep(entry: string, place: FormerPlace): void {
    this.#places.delete(entry);
    this.#places.set(entry, place);
    const [oldest] = this.#places.keys();
    if (oldest !== undefined && this.#places.size > MOST_PLACES) this.#places.delete(oldest);
  }
}
