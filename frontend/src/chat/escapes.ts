/**
 * What the Escape key leaves, when there are several things it could leave.
 *
 * Menus and dialogs hold the focus and leave by themselves, before any of these.
 */

const ORDER = ['listbox', 'actions', 'edit', 'reply', 'panel', 'latest'] as const;

export type Layer = (typeof ORDER)[number];

/** Leaves, or says that there is nothing to leave just now. */
type Leave = () => boolean;

export class Escapes {
  readonly #open = new Map<Layer, Set<Leave>>();

  enter(layer: Layer, leave: Leave): () => void {
    const layers = this.#open.get(layer) ?? new Set();
    this.#open.set(layer, layers.add(leave));
    return () => layers.delete(leave);
  }

  /** Leaves the first that can be left; of two alike, the one entered last. */
  press(): boolean {
    return ORDER.some((layer) => [...(this.#open.get(layer) ?? [])].reverse().some((leave) => leave()));
  }
}
