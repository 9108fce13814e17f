/**
 * What counts as read: a message of which at least half was in view, for half a
 * second without a break, in a window somebody looks at.
 *
 * Knows neither the page nor the clock; `hooks/useReading.ts` tells both.
 */

const SEEN_AFTER_MS = 500;

export interface Seen {
  /** The last message in the log that has been read by now. */
  readonly upTo: number | undefined;
  /** When to look again, should nothing move until then. */
  readonly againInMs: number | undefined;
}

export class Reading {
  /** Since when each message has been in view, by its `seq`. */
  #since = new Map<number, number>();

  /** These are in view now, and nothing else is; none are while nobody looks. */
  look(inView: readonly number[], now: number): Seen {
    const since = new Map(inView.map((seq) => [seq, this.#since.get(seq) ?? now]));
    this.#since = since;
    let upTo: number | undefined;
    let againInMs: number | undefined;
    for (const [seq, from] of since) {
      const left = from + SEEN_AFTER_MS - now;
      if (left <= 0) upTo = Math.max(upTo ?? 0, seq);
      else againInMs = Math.min(againInMs ?? left, left);
    }
    return { upTo, againInMs };
  }
}
