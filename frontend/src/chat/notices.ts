/**
 * Tells subscribers which part of the state has changed, once per frame.
 *
 * State changes at once; only the telling is gathered, so that a burst of a
 * hundred messages is one render. Keys are plain words such as `rooms` or
 * `timeline:ID`, and a subscriber of one key hears nothing of the others.
 */

type Schedule = (flush: () => void) => void;

export class Notices {
  readonly #subscribers = new Map<string, Set<() => void>>();
  readonly #changed = new Set<string>();
  readonly #schedule: Schedule;

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
  }

  subscribe(key: string, listener: () => void): () => void {
    let listeners = this.#subscribers.get(key);
    if (!listeners) {
      listeners = new Set();
      this.#subscribers.set(key, listeners);
    }
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#subscribers.get(key) === listeners) this.#subscribers.delete(key);
    };
  }

  changed(...keys: string[]): void {
    const idle = this.#changed.size === 0;
    for (const key of keys) this.#changed.add(key);
    if (idle && this.#changed.size > 0) this.#schedule(() => this.#flush());
  }

  #flush(): void {
    const keys = [...this.#changed];
    this.#changed.clear();
    const listeners = new Set<() => void>();
    for (const key of keys) {
      for (const listener of this.#subscribers.get(key) ?? []) listeners.add(listener);
    }
    for (const listener of listeners) listener();
  }
}
