/**
 * Parts of the client that a page can do without at first. They are fetched while
 * it rests, so that they are there when they are wanted, or at the latest then.
 */
import { type ComponentType, useEffect, useSyncExternalStore } from 'react';

type Fetch<Props> = () => Promise<{ readonly default: ComponentType<Props> }>;

const all: { fetch(): Promise<void> }[] = [];

export class Later<Props> {
  readonly #fetch: Fetch<Props>;
  readonly #listeners = new Set<() => void>();
  #part: ComponentType<Props> | undefined;
  #fetching: Promise<void> | undefined;
  #missing = false;

  /** What only few ever want is not fetched `atRest`. */
  constructor(fetch: Fetch<Props>, { atRest = true } = {}) {
    this.#fetch = fetch;
    if (atRest) all.push(this);
  }

  /** What did not come is asked for again when it is wanted again. */
  fetch(): Promise<void> {
    this.#fetching ??= this.#fetch()
      .then(
        (module) => {
          this.#part = module.default;
        },
        () => {
          this.#fetching = undefined;
          this.#missing = true;
        },
      )
      .then(() => {
        for (const listener of this.#listeners) listener();
      });
    return this.#fetching;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly part = (): ComponentType<Props> | undefined => this.#part;

  /** It was asked for and did not come. */
  readonly missing = (): boolean => this.#missing;
}

/**
 * The part once it is there; asked for as soon as it is `wanted`. It is shown in
 * the same moment: React's own `lazy` would let the first keys go astray.
 */
export function usePart<Props>(later: Later<Props>, wanted: boolean): ComponentType<Props> | undefined {
  const part = useSyncExternalStore(later.subscribe, later.part);
  useEffect(() => {
    if (wanted) void later.fetch();
  }, [later, wanted]);
  return part;
}

/** Whether a part that something cannot do without did not come. */
export function useMissing<Props>(later: Later<Props>): boolean {
  return useSyncExternalStore(later.subscribe, later.missing);
}

/** Safari has no idle time to offer; there each part is fetched when it is wanted. */
export function useFetchedAtRest(): void {
  useEffect(() => {
    if (!('requestIdleCallback' in window)) return;
    const idle = requestIdleCallback(() => void Promise.all(all.map((later) => later.fetch())));
    return () => cancelIdleCallback(idle);
  }, []);
}
