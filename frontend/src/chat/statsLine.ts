/**
 * Asks the server to tell how it is, for as long as an operator looks.
 *
 * What it tells is for `stats/`; here it only passes through, since there is one
 * connection for everything.
 */
import type { NodeTold, StatsTold } from '../protocol';
import type { Wire } from './wire';

type Listener = (nodes: readonly NodeTold[]) => void;

export class StatsLine {
  readonly #wire: Wire;
  readonly #listeners = new Set<Listener>();

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  watch(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#ask('watch_stats');
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#ask('unwatch_stats');
    };
  }

  /** A new connection watches nothing yet. */
  opened(): void {
    if (this.#listeners.size > 0) this.#ask('watch_stats');
  }

  heard({ nodes }: StatsTold): void {
    for (const listener of this.#listeners) listener(nodes);
  }

  /** Without a connection the next one asks; a refusal is also said where the numbers are fetched. */
  #ask(name: 'watch_stats' | 'unwatch_stats'): void {
    if (this.#wire.connected) this.#wire.request(name, {}).catch(() => undefined);
  }
}
