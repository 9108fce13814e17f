/**
 * What somebody feels of the client in their browser: how soon it was there, how
 * soon it answered a press, whether it jumped, and how long messages took.
 *
 * The arithmetic is that of Web Vitals: https://web.dev/articles/vitals. Gathered
 * here, measured and told in `services/feeling.ts`.
 */
import type { TellVitals } from '../protocol';

export type Feelings = Omit<TellVitals, 'release'>;

/** More tell nothing new, and the server takes no more. */
const MOST_ACKS = 100;
/** Of fifty presses one may have been slow by accident. */
const PRESSES_FOR_ONE_ACCIDENT = 50;
/** Shifts belong together when less than a second is between them, for five seconds at most. */
const SHIFT_APART_MS = 1_000;
const SHIFTS_LONGEST_MS = 5_000;

export class Felt {
  #lcpMs: number | undefined;
  #presses = new Map<number, number>();
  #cls: number | undefined;
  #shifts = { from: 0, to: 0, sum: 0 };
  #acksMs: number[] = [];
  #reconnects = 0;
  #failedSends = 0;

  /** The largest thing on the page was there; a larger one may follow. */
  painted(ms: number): void {
    this.#lcpMs = ms;
  }

  /** Several events make one press, and the slowest of them is what is felt. */
  pressed(press: number, ms: number): void {
    this.#presses.set(press, Math.max(this.#presses.get(press) ?? 0, ms));
  }

  /** Something moved that nobody had moved. */
  shifted(at: number, by: number): void {
    const { from, to, sum } = this.#shifts;
    const same = at - to < SHIFT_APART_MS && at - from < SHIFTS_LONGEST_MS;
    this.#shifts = same ? { from, to: at, sum: sum + by } : { from: at, to: at, sum: by };
    this.#cls = Math.max(this.#cls ?? 0, this.#shifts.sum);
  }

  acknowledged(ms: number): void {
    if (this.#acksMs.length < MOST_ACKS) this.#acksMs.push(ms);
  }

  failedToSend(): void {
    this.#failedSends += 1;
  }

  reconnected(): void {
    this.#reconnects += 1;
  }

  /** All that was felt since it was taken last; nothing, if nothing was. */
  take(): Feelings | undefined {
    const inpMs = this.#slowestPress();
    const feelings: Feelings = {
      ...(this.#lcpMs !== undefined && { lcpMs: this.#lcpMs }),
      ...(inpMs !== undefined && { inpMs }),
      ...(this.#cls !== undefined && { cls: this.#cls }),
      ...(this.#acksMs.length > 0 && { acksMs: this.#acksMs }),
      ...(this.#reconnects > 0 && { reconnects: this.#reconnects }),
      ...(this.#failedSends > 0 && { failedSends: this.#failedSends }),
    };
    this.#lcpMs = undefined;
    this.#presses = new Map();
    this.#cls = undefined;
    this.#acksMs = [];
    this.#reconnects = 0;
    this.#failedSends = 0;
    return Object.keys(feelings).length > 0 ? feelings : undefined;
  }

  #slowestPress(): number | undefined {
    const slowest = [...this.#presses.values()].sort((a, b) => b - a);
    return slowest[Math.floor(slowest.length / PRESSES_FOR_ONE_ACCIDENT)];
  }
}
