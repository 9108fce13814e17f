/**
 * Keeps the reader's place in a list that grows at both ends.
 *
 * At the end it follows what is new. Anywhere else the row under the reader's
 * eyes stays where it is, whatever is added, dropped or resized around it: the
 * row's own place in the content is compared before and after each change, and
 * the scroll position moved by the difference, before anything is painted. It is
 * the foot of the row that counts: a message loses its author's name when an
 * earlier one of the same author arrives above, and those below must not move.
 */
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';

/** This close to the end counts as being there. */
const NEAR_END_PX = 80;

interface Place {
  row: HTMLElement;
  foot: number;
}

export interface Scroll {
  scroller: RefObject<HTMLDivElement | null>;
  list: RefObject<HTMLOListElement | null>;
  following: boolean;
  toEnd: () => void;
  /** Brings a row into view, a third from the top or in the middle. */
  toRow: (row: HTMLElement, at: number) => void;
  onScroll: () => void;
}

export function useScroll(options: { rows: unknown; canFollow: boolean; onMoved: () => void }): Scroll {
  const { rows, canFollow, onMoved } = options;
  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLOListElement>(null);
  const place = useRef<Place>(undefined);
  const follows = useRef(true);
  const [following, setFollowing] = useState(true);

  const remember = useCallback(() => {
    const view = scroller.current;
    const row = view && list.current && firstVisible(list.current, view.scrollTop);
    place.current = row ? { row, foot: footOf(row) } : undefined;
  }, []);

  const keepPlace = useCallback(() => {
    const view = scroller.current;
    if (!view) return;
    if (follows.current) {
      view.scrollTop = view.scrollHeight;
    } else if (place.current?.row.isConnected) {
      const moved = footOf(place.current.row) - place.current.foot;
      if (moved !== 0) view.scrollTop += moved;
    }
    remember();
  }, [remember]);

  const follow = useCallback((wanted: boolean) => {
    follows.current = wanted;
    setFollowing(wanted);
  }, []);

  const onScroll = useCallback(() => {
    const view = scroller.current;
    if (!view) return;
    const left = view.scrollHeight - view.scrollTop - view.clientHeight;
    follow(canFollow && left <= NEAR_END_PX);
    remember();
    onMoved();
  }, [canFollow, follow, onMoved, remember]);

  const toEnd = useCallback(() => {
    follow(true);
    keepPlace();
  }, [follow, keepPlace]);

  const toRow = useCallback(
    (row: HTMLElement, at: number) => {
      const view = scroller.current;
      if (!view) return;
      follow(false);
      view.scrollTop = row.offsetTop - view.clientHeight * at;
      onScroll();
    },
    [follow, onScroll],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: other rows are the reason to look again.
  useLayoutEffect(keepPlace, [rows, keepPlace]);

  // An end that is not the newest message is no end to follow.
  useLayoutEffect(() => {
    if (!canFollow) follow(false);
  }, [canFollow, follow]);

  // A row that opens an editor, a composer that grows, a window that shrinks.
  useEffect(() => {
    if (!scroller.current || !list.current) return;
    const observer = new ResizeObserver(keepPlace);
    observer.observe(scroller.current);
    observer.observe(list.current);
    return () => observer.disconnect();
  }, [keepPlace]);

  return { scroller, list, following, toEnd, toRow, onScroll };
}

const footOf = (row: HTMLElement): number => row.offsetTop + row.offsetHeight;

/**
 * The first message that reaches below the upper edge, found by halving. Only
 * messages stay between their neighbours: the name of a day moves up when
 * earlier messages of that day arrive, and a gap goes away.
 */
function firstVisible(list: HTMLElement, scrollTop: number): HTMLElement | undefined {
  const rows = list.children;
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle] as HTMLElement;
    if (footOf(row) > scrollTop) high = middle;
    else low = middle + 1;
  }
  let row = rows[low];
  while (row && !(row as HTMLElement).dataset.id) row = row.nextElementSibling ?? undefined;
  return row as HTMLElement | undefined;
}
