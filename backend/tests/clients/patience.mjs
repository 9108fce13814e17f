// Waiting for what must happen, without ever guessing how long it takes.

/** How long something may take on the slowest machine before it counts as missing. */
const PATIENCE_MS = 30_000;

/** The promise, or an error that says what did not happen. */
export async function within(what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not happen that ${what}`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Things in the order they came, and a way to wait for the one that matters. */
export class Heard {
  #items = [];
  #waiting = new Set();

  add(item) {
    this.#items.push(item);
    for (const look of this.#waiting) look();
  }

  /** All so far that match. */
  all(matches = () => true) {
    return this.#items.filter(matches);
  }

  /** All that match, once there are `count` of them. */
  async wait(what, count, matches) {
    let look;
    const enough = new Promise((resolve) => {
      look = () => {
        const found = this.all(matches);
        if (found.length >= count) resolve(found);
      };
    });
    this.#waiting.add(look);
    look();
    try {
      return await within(what, enough);
    } finally {
      this.#waiting.delete(look);
    }
  }
}
