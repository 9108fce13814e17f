/**
 * What the nodes did, in columns of equal length up to now.
 *
 * Samples of any length are folded into the column they end in. What is not known
 * stays unknown: while a node that was there a moment ago has not said what it did,
 * the sum of all nodes is not known either, and a plot has a gap, not a dip.
 */
import type { Sample } from '../protocol';
import { type Moment, type Moments, type OfNode, together } from './moment';
import { folded } from './sample';
import type { Span } from './zoom';

export interface NodeAbout {
  readonly nodeId: string;
  readonly version: string;
  readonly startedAt: string;
}

/** One run of one node. */
export interface Life extends NodeAbout {
  /** When it was last heard of, in seconds. */
  readonly lastAt: number;
}

interface Run extends NodeAbout {
  lastAt: number;
  readonly columns: Map<number, Sample>;
}

/** A node that says nothing for so long has left. */
const LEFT_AFTER_SECONDS = 5;

export class Series {
  readonly columnSeconds: number;
  readonly #spanSeconds: number;
  readonly #runs = new Map<string, Run>();
  readonly #made = new Map<number, Moment | undefined>();
  #newest: number | undefined;

  constructor(columnSeconds: number, spanSeconds: number) {
    this.columnSeconds = columnSeconds;
    this.#spanSeconds = spanSeconds;
  }

  /** The end of the newest column, in seconds. */
  get newest(): number | undefined {
    return this.#newest;
  }

  get lives(): readonly Life[] {
    return [...this.#runs.values()].filter((run) => run.columns.size > 0);
  }

  /** The end of each column that a plot shows, whether anything is known of it or not. */
  get times(): readonly number[] {
    if (this.#newest === undefined) return [];
    const first = this.#newest - this.#spanSeconds + this.columnSeconds;
    const count = Math.round(this.#spanSeconds / this.columnSeconds);
    return Array.from({ length: count }, (_, place) => first + place * this.columnSeconds);
  }

  /** All of the time that a plot shows. */
  get whole(): Span {
    const to = this.#newest ?? 0;
    return { from: to - this.#spanSeconds, to };
  }

  get moments(): Moments {
    return this.times.map((time) => this.#at(time));
  }

  /** What is heard twice counts once. */
  add({ nodeId, version, startedAt }: NodeAbout, samples: readonly Sample[]): void {
    const key = `${nodeId} ${startedAt}`;
    const run = this.#runs.get(key) ?? { nodeId, version, startedAt, lastAt: 0, columns: new Map() };
    this.#runs.set(key, run);
    for (const sample of samples) {
      if (sample.at - sample.seconds < run.lastAt) continue;
      run.lastAt = sample.at;
      const column = Math.ceil(sample.at / this.columnSeconds) * this.columnSeconds;
      const before = run.columns.get(column);
      run.columns.set(column, before ? folded(before, sample) : sample);
      this.#newest = Math.max(this.#newest ?? column, column);
      for (const time of this.#touchedBy(column)) this.#made.delete(time);
    }
    this.#forget();
  }

  #at(time: number): Moment | undefined {
    if (!this.#made.has(time)) this.#made.set(time, this.#make(time));
    return this.#made.get(time);
  }

  #make(time: number): Moment | undefined {
    const nodes: OfNode[] = [];
    for (const run of this.#runs.values()) {
      const sample = run.columns.get(time);
      if (sample) nodes.push({ nodeId: run.nodeId, sample });
      else if (this.#isExpected(run, time)) return undefined;
    }
    return nodes.length > 0 ? together(nodes) : undefined;
  }

  #isExpected(run: Run, time: number): boolean {
    for (let back = this.columnSeconds; back <= this.#patience; back += this.columnSeconds) {
      if (run.columns.has(time - back)) return !this.#isSucceeded(run, time);
    }
    return false;
  }

  /** Another run of the same node has begun: this one is over. */
  #isSucceeded(run: Run, time: number): boolean {
    return [...this.#runs.values()].some(
      (other) => other !== run && other.nodeId === run.nodeId && other.columns.has(time),
    );
  }

  get #patience(): number {
    return Math.max(LEFT_AFTER_SECONDS, this.columnSeconds);
  }

  #touchedBy(column: number): number[] {
    const count = Math.ceil(this.#patience / this.columnSeconds) + 1;
    return Array.from({ length: count }, (_, place) => column + place * this.columnSeconds);
  }

  #forget(): void {
    const oldest = (this.#newest ?? 0) - this.#spanSeconds;
    for (const time of this.#made.keys()) if (time <= oldest) this.#made.delete(time);
    for (const [key, run] of this.#runs) {
      for (const column of run.columns.keys()) if (column <= oldest) run.columns.delete(column);
      if (run.lastAt <= oldest) this.#runs.delete(key);
    }
  }
}

/** Whether a node that was last heard of then has left by now. */
export const hasLeft = (life: Life, now: number): boolean => now - life.lastAt > LEFT_AFTER_SECONDS;
