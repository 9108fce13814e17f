/**
 * Tells subscribers which part of the state has changed, once per frame.
 *
 * State changes at once; only the telling is gathered, so that a burst of a
 * hundred messages is one render. Keys are plain words such as `rooms` or
 * `timeline:ID`, and a subscriber of one key hears nothing of the others.
 *
 * What the user does is told with the next frame; what others do may be told a
 * little later, so that it keeps nobody's hands waiting.
 */

type Schedule = (tell: () => void) => void;

/** What has changed and is told together. */
interface Batch {
  readonly keys: Set<string>;
  readonly schedule: Schedule;
}

export class Notices {
  readonly #subscribers = new Map<string, Set<() => void>>();
  readonly #soon: Batch;
  readonly #patient: Batch;
  /** Where what changes now belongs. */
  #batch: Batch;

  constructor(soon: Schedule, patiently: Schedule = soon) {
    this.#soon = { keys: new Set(), schedule: soon };
    this.#patient = { keys: new Set(), schedule: patiently };
    this.#batch = this.#soon;
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
    const batch = this.#batch;
    const idle = batch.keys.size === 0;
    for (const key of keys) batch.keys.add(key);
    if (idle && batch.keys.size > 0) batch.schedule(() => this.#tell(batch));
  }

  /** What is changed in here may wait for the user. */
  patiently(change: () => void): void {
    const batch = this.#batch;
    this.#batch = this.#patient;
    try {
      change();
    } finally {
      this.#batch = batch;
    }
  }

  #tell(batch: Batch): void {
    const keys = [...batch.keys];
    batch.keys.clear();
    const listeners = new Set<() => void>();
    for (const key of keys) {
      for (const listener of this.#subscribers.get(key) ?? []) listeners.add(listener);
    }
    for (const listener of listeners) listener();
  }
}
