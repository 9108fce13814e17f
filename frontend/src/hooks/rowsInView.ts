/** Where rows of the list are on the page, as the browser has laid them out. */

/** A gap above this part of the view belongs to what is read below it. */
const UPPER_PART = 1 / 3;

export function rowOf(list: HTMLElement | null, key: string): HTMLElement | null | undefined {
  return list?.querySelector<HTMLElement>(`:scope > [data-key="${CSS.escape(key)}"]`);
}

export function isInUpperPart(row: DOMRect, view: DOMRect): boolean {
  return row.top < view.top + view.height * UPPER_PART;
}

/**
 * The first message that reaches below the upper edge. Only messages stay
 * between their neighbours: the name of a day moves up when earlier messages of
 * that day arrive, and a gap goes away. A gap in the upper part of the view is
 * filled from its foot, so that what is read below it stays.
 */
export function messageAtTheTop(list: HTMLElement, view: DOMRect): HTMLElement | undefined {
  let found: HTMLElement | undefined;
  for (const row of rowsInView(list, view)) {
    if (row.dataset.gap !== undefined && isInUpperPart(row.getBoundingClientRect(), view)) found = undefined;
    else if (row.dataset.id) found ??= row;
  }
  return found;
}

export function messagesInView(list: HTMLElement, view: DOMRect): HTMLElement[] {
  return rowsInView(list, view).filter((row) => row.dataset.id);
}

/** Messages of which half is in view, or which fill half of it. */
export function messagesWellInView(list: HTMLElement, view: DOMRect): HTMLElement[] {
  return messagesInView(list, view).filter((row) => {
    const { top, bottom, height } = row.getBoundingClientRect();
    const visible = Math.min(bottom, view.bottom) - Math.max(top, view.top);
    return visible >= Math.min(height, view.height) / 2;
  });
}

/** The first message in view, unless the name of its day is in view above it. */
export function messageWithoutItsDay(list: HTMLElement, view: DOMRect): HTMLElement | undefined {
  const first = rowsInView(list, view).find((row) => row.dataset.id || row.dataset.day !== undefined);
  return first?.dataset.id ? first : undefined;
}

function rowsInView(list: HTMLElement, view: DOMRect): HTMLElement[] {
  const rows: HTMLElement[] = [];
  for (const child of list.children) {
    const { top, bottom } = child.getBoundingClientRect();
    if (top >= view.bottom) break;
    if (bottom > view.top) rows.push(child as HTMLElement);
  }
  return rows;
}
