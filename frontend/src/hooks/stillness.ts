/** When the list stands still, and what in it must. */

/** Where a browser does not say that scrolling has ended, it has when nothing moved for this long. */
const STILL_AFTER_MS = 150;

/** Calls each time that scrolling has ended. */
export function whenStill(view: HTMLElement, still: () => void): () => void {
  if ('onscrollend' in window) {
    view.addEventListener('scrollend', still);
    return () => view.removeEventListener('scrollend', still);
  }
  let timer: ReturnType<typeof setTimeout>;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(still, STILL_AFTER_MS);
  };
  view.addEventListener('scroll', later);
  return () => {
    clearTimeout(timer);
    view.removeEventListener('scroll', later);
  };
}

/**
 * Something in this row is about to be another size, and the reader looks at it:
 * what stands above must not move, not even at the end of the list.
 */
export function growsDownwards(inside: Element | null): void {
  const row = inside?.closest<HTMLElement>('[data-key]');
  if (row) row.dataset.still = '';
}

/** Whether the row was said to grow downwards; it is said once. */
export function hasGrownDownwards(row: HTMLElement): boolean {
  const said = row.dataset.still !== undefined;
  if (said) delete row.dataset.still;
  return said;
}
