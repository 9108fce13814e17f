/**
 * The numbers that an operator looks at: what the server remembers of the time
 * shown, then what it tells each second.
 *
 * While nobody looks nothing is told, and what was missed is asked for afterwards.
 * The last quarter of an hour is always there, second by second, whatever is shown,
 * and so is a day at least.
 */

import { Failure } from '../chat/failure';
import type { NodeTold, Stats } from '../protocol';
import { LEAST_TO_FORESEE, type Range, STEPS } from './ranges';
import { Series } from './series';

interface Parts {
  fetch(query: { from: string; to: string; step: number }): Promise<Stats>;
  /** Hears what the server tells each second, until the answer is called. */
  watch(heard: (nodes: readonly NodeTold[]) => void): () => void;
  now(): number;
}

/** Without a word for so long the numbers are those of the past. */
const STALE_AFTER_MS = 5_000;
/** Of what the server has second by second, the part that will still be there when the answer is made. */
const SAFELY_KEPT_SECONDS = STEPS.live.seconds - 30;

export class StatsFeed {
  readonly #parts: Parts;
  readonly #listeners = new Set<() => void>();
  #range: Range = 'live';
  #live = newSeries('live');
  #shown = this.#live;
  #longest = newSeries('day');
  #unwatch: (() => void) | undefined;
  #filling: object | undefined;
  /** What was told while the past was being fetched: it comes after that. */
  #told: (readonly NodeTold[])[] = [];
  #failure: Failure | undefined;
  /** What the plots show is of this length; another may have been asked for. */
  #filled: Range | undefined;
  #heardAt: number | undefined;
  #stale: ReturnType<typeof setTimeout> | undefined;
  #version = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Another number each time that something has changed. */
  readonly version = (): number => this.#version;

  /** The last quarter of an hour, in seconds. */
  get live(): Series {
    return this.#live;
  }

  /** The time that is looked at. */
  get shown(): Series {
    return this.#shown;
  }

  /** The longest time that is known, a day at least. */
  get longest(): Series {
    return this.#longest;
  }

  get filled(): boolean {
    return this.#filled === this.#range;
  }

  /** When it was last heard of, in milliseconds. */
  get heardAt(): number | undefined {
    return this.#heardAt;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** Nothing has been heard for some seconds. */
  get stale(): boolean {
    return this.#heardAt !== undefined && this.#parts.now() - this.#heardAt >= STALE_AFTER_MS;
  }

  show(range: Range): void {
    if (range === this.#range) return;
    this.#range = range;
    if (this.#unwatch) void this.#fill(true);
  }

  /** Somebody looks. */
  start(): void {
    if (this.#unwatch) return;
    this.#unwatch = this.#parts.watch((nodes) => this.#hear(nodes));
    void this.#fill(!this.#canGoOn);
  }

  /** Nobody looks any more. */
  stop(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#filling = undefined;
    this.#told = [];
    clearTimeout(this.#stale);
  }

  retry(): void {
    void this.#fill(!this.#canGoOn);
  }

  /** What was missed is still there second by second. */
  get #canGoOn(): boolean {
    const { newest } = this.#live;
    return this.filled && newest !== undefined && this.#parts.now() / 1_000 - newest < SAFELY_KEPT_SECONDS;
  }

  async #fill(anew: boolean): Promise<void> {
    const filling = {};
    this.#filling = filling;
    this.#failure = undefined;
    const now = this.#parts.now();
    const since = anew ? now / 1_000 - STEPS.live.seconds : (this.#live.newest ?? 0);
    const { seconds, step } = this.#range === 'live' ? LEAST_TO_FORESEE : STEPS[this.#range];
    try {
      const [long, short] = await Promise.all([
        anew ? this.#fetch(now / 1_000 - seconds, now, step) : undefined,
        this.#fetch(since, now, STEPS.live.step),
      ]);
      if (this.#filling !== filling) return;
      if (anew) this.#begin();
      if (long) for (const node of long.nodes) this.#longest.add(node, node.samples);
      for (const node of short.nodes) this.#add(node, node.samples);
      this.#filled = this.#range;
    } catch (thrown) {
      if (this.#filling !== filling) return;
      this.#failure = Failure.from(thrown);
    }
    this.#filling = undefined;
    for (const nodes of this.#told.splice(0)) this.#take(nodes);
    this.#changed();
  }

  #fetch(from: number, to: number, step: number): Promise<Stats> {
    const time = (ms: number) => new Date(ms).toISOString();
    return this.#parts.fetch({ from: time(from * 1_000), to: time(to), step });
  }

  #begin(): void {
    const isLive = this.#range === 'live';
    this.#live = newSeries('live');
    this.#longest = isLive
      ? new Series(LEAST_TO_FORESEE.step, LEAST_TO_FORESEE.seconds)
      : newSeries(this.#range);
    this.#shown = isLive ? this.#live : this.#longest;
  }

  #hear(nodes: readonly NodeTold[]): void {
    // The line was away for a while: what was told then was told to nobody here.
    const missed = this.stale;
    this.#heardAt = this.#parts.now();
    clearTimeout(this.#stale);
    this.#stale = setTimeout(() => this.#changed(), STALE_AFTER_MS);
    if (missed && !this.#filling) void this.#fill(!this.#canGoOn);
    if (this.#filling) this.#told.push(nodes);
    else {
      this.#take(nodes);
      this.#changed();
    }
  }

  #take(nodes: readonly NodeTold[]): void {
    for (const node of nodes) this.#add(node, [node.sample]);
  }

  #add(node: Omit<NodeTold, 'sample'>, samples: readonly NodeTold['sample'][]): void {
    this.#live.add(node, samples);
    this.#longest.add(node, samples);
  }

  #changed(): void {
    this.#version += 1;
    for (const listener of this.#listeners) listener();
  }
}

function newSeries(range: Range): Series {
  const { column, seconds } = STEPS[range];
  return new Series(column, seconds);
}
