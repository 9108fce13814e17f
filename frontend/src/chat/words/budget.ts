/**
 * How much one message may ask of whoever reads it. Somebody who wants to keep
 * a browser busy gets their text shown as they wrote it, and no more.
 */

/** Longer than any message that a server takes. */
const LONGEST = 64 * 1024;
const MOST_STEPS = 20_000;
/** Of the pieces that a text becomes: each is an element on the page. */
const MOST_PIECES = 2_000;
/** Quotes in lists in quotes, or strong words in struck ones. */
const DEEPEST = 8;

class TooMuch extends Error {}

export class Budget {
  #steps = 0;
  #pieces = 0;

  get steps(): number {
    return this.#steps;
  }

  /** What the reader makes of a text, unless that takes too much. */
  within<Read>(text: string, read: () => Read): Read | undefined {
    if (text.length > LONGEST) return undefined;
    try {
      return read();
    } catch (thrown) {
      if (thrown instanceof TooMuch) return undefined;
      throw thrown;
    }
  }

  step(count = 1): void {
    this.#steps += count;
    if (this.#steps > MOST_STEPS) throw new TooMuch();
  }

  piece(): void {
    this.#pieces += 1;
    if (this.#pieces > MOST_PIECES) throw new TooMuch();
  }

  depth(depth: number): void {
    if (depth > DEEPEST) throw new TooMuch();
  }
}
