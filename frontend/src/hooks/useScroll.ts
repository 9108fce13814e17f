/**
 * Keeps the reader's place in a list that grows at both ends, of which only a
 * part is on the page.
 *
 * The scroller is laid out from its end (`Timeline.module.css`), so nothing that
 * happens above the view moves what is in it, and at the end what is new comes
 * into view by itself: no scroll position has to be mended, and a wheel or a
 * finger under way is not disturbed. Only what happens below the place has to be
 * made good: how far the row at the upper edge is from the end of the list is
 * compared before and after each change, and the scroll position moved by the
 * difference, before anything is painted. It is the foot of that row that
 * counts: a message loses its author's name when an earlier one of the same
 * author arrives above it, and those below must not move.
 */
import { type RefObject, useCallback, useEffect, useLayoutEffect, useReducer, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { type Keyed, type Piece, type Place, RowWindow } from '../chat/rowWindow';
import { messageAtTheTop, rowOf } from './rowsInView';
import { hasGrownDownwards, whenStill } from './stillness';

/** This close to the end counts as being there. */
const NEAR_END_PX = 80;

/** Where in the view a row is brought. */
export type Spot = 'upper third' | 'middle' | { readonly top: number };

/** Where the reader is: at the end, or with the top of a row so far below the edge of the view. */
export type Whereabouts = 'end' | { readonly key: string; readonly top: number };

export interface Scroll<Row extends Keyed> {
  scroller: RefObject<HTMLDivElement | null>;
  list: RefObject<HTMLOListElement | null>;
  pieces: readonly Piece<Row>[];
  /** At the end, and staying there. */
  following: boolean;
  toEnd: () => void;
  /** Brings a row into view, whether it is on the page yet or not. */
  toRow: (key: string, spot: Spot) => void;
  where: () => Whereabouts;
  onScroll: () => void;
}

interface Options<Row extends Keyed> {
  rows: readonly Row[];
  /** The last row is the newest there is. */
  canFollow: boolean;
  /** A row that stays on the page wherever the reader goes. */
  held: string | undefined;
  onMoved: () => void;
}

export function useScroll<Row extends Keyed>(options: Options<Row>): Scroll<Row> {
  const { rows, canFollow, held, onMoved } = options;
  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLOListElement>(null);
  const [windowed] = useState(() => new RowWindow<Row>());
  const [following, setFollowing] = useState(true);
  const [, showAgain] = useReducer((times: number) => times + 1, 0);
  const shown = windowed.show(rows);
  const latest = useRef({ rows, shown, canFollow, onMoved });
  latest.current = { rows, shown, canFollow, onMoved };

  /** How far the foot of the place was from the end of the list. */
  const fromEnd = useRef<number>(undefined);
  /** Where the place is to be brought, once it is on the page. */
  const goal = useRef<Spot>(undefined);
  const scrolling = useRef(false);
  const contentHeight = useRef(0);

  const stand = useCallback(
    (place: Place, distance?: number) => {
      windowed.place = place;
      fromEnd.current = distance;
      setFollowing(place === 'end');
    },
    [windowed],
  );

  /** Takes the row at the upper edge for the place. */
  const remember = useCallback(() => {
    const view = scroller.current;
    const content = list.current;
    if (!view || !content || view.clientHeight === 0) return;
    const bounds = view.getBoundingClientRect();
    const row = messageAtTheTop(content, bounds);
    if (row) {
      const { bottom } = row.getBoundingClientRect();
      const place = { key: row.dataset.key ?? '', foot: bottom - bounds.top };
      stand(place, content.getBoundingClientRect().bottom - bottom);
      return;
    }
    // Nothing of what is on the page is in view: someone dragged the scroll bar.
    const above = content.getBoundingClientRect().bottom - bounds.top;
    const guess = windowed.rowAt(latest.current.rows, above);
    if (guess) stand({ key: guess.key, foot: windowed.heightOf(guess.key) });
  }, [stand, windowed]);

  /** At the end when that is in view, else at the upper edge. */
  const settle = useCallback(() => {
    const left = -(scroller.current?.scrollTop ?? 0);
    if (latest.current.canFollow && left <= NEAR_END_PX) stand('end');
    else remember();
  }, [stand, remember]);

  const reachGoal = useCallback(
    (view: HTMLElement, row: HTMLElement, spot: Spot) => {
      goal.current = undefined;
      const bounds = row.getBoundingClientRect();
      const top = bounds.top - view.getBoundingClientRect().top;
      view.scrollTop += top - topFor(spot, view.clientHeight, bounds.height);
      settle();
    },
    [settle],
  );

  const keepPlace = useCallback(() => {
    const view = scroller.current;
    const content = list.current;
    if (!view || !content || view.clientHeight === 0) return;
    let grownDownwards = 0;
    for (const child of content.children) {
      const row = child as HTMLElement;
      const { key } = row.dataset;
      if (!key) continue;
      const { height } = row.getBoundingClientRect();
      if (hasGrownDownwards(row)) grownDownwards += height - windowed.heightOf(key);
      windowed.measured(key, height);
    }
    const grown = view.clientHeight - windowed.viewHeight;
    const { bottom, height } = content.getBoundingClientRect();
    const changed = grown !== 0 || height !== contentHeight.current;
    windowed.viewHeight = view.clientHeight;
    contentHeight.current = height;

    const { place } = windowed;
    const row = place === 'end' ? undefined : rowOf(content, place.key);
    if (place === 'end') {
      // Someone on their way up is not pulled back before they have left the end.
      if (changed && !scrolling.current) {
        view.scrollTop = grownDownwards === 0 ? 0 : Math.min(0, view.scrollTop - grownDownwards);
        if (grownDownwards > 0) settle();
      }
    } else if (goal.current && !row && latest.current.rows.some(({ key }) => key === place.key)) {
      // It comes on the page with the next rendering.
    } else if (goal.current && row) {
      reachGoal(view, row, goal.current);
    } else if (row && fromEnd.current !== undefined) {
      const distance = bottom - row.getBoundingClientRect().bottom;
      view.scrollTop += grown + fromEnd.current - distance;
      const foot = row.getBoundingClientRect().bottom - view.getBoundingClientRect().top;
      windowed.place = { ...place, foot };
      fromEnd.current = distance;
    } else {
      goal.current = undefined;
      remember();
    }
    if (!windowed.suffices(latest.current.rows, latest.current.shown)) showAgain();
  }, [windowed, reachGoal, remember, settle]);

  const onScroll = useCallback(() => {
    const view = scroller.current;
    if (!view) return;
    scrolling.current = true;
    if (!goal.current) settle();
    // What comes into view has to be there before it is painted.
    if (!windowed.suffices(latest.current.rows, latest.current.shown)) flushSync(showAgain);
    latest.current.onMoved();
  }, [settle, windowed]);

  const toEnd = useCallback(() => {
    goal.current = undefined;
    stand('end');
    if (scroller.current) scroller.current.scrollTop = 0;
    showAgain();
  }, [stand]);

  const toRow = useCallback(
    (key: string, spot: Spot) => {
      goal.current = spot;
      const height = windowed.heightOf(key);
      stand({ key, foot: topFor(spot, windowed.viewHeight, height) + height });
      showAgain();
    },
    [stand, windowed],
  );

  const where = useCallback((): Whereabouts => {
    const { place } = windowed;
    return place === 'end' ? place : { key: place.key, top: place.foot - windowed.heightOf(place.key) };
  }, [windowed]);

  // After every rendering: other rows, or another part of them.
  useLayoutEffect(keepPlace);

  // An end that is not the newest message is no end to follow.
  useLayoutEffect(() => {
    if (!canFollow && windowed.place === 'end') remember();
  }, [canFollow, remember, windowed]);

  // A row that opens an editor, a composer that grows, a window that shrinks.
  useEffect(() => {
    if (!scroller.current || !list.current) return;
    const observer = new ResizeObserver(keepPlace);
    observer.observe(scroller.current);
    observer.observe(list.current);
    return () => observer.disconnect();
  }, [keepPlace]);

  useEffect(() => {
    if (!scroller.current) return;
    return whenStill(scroller.current, () => {
      scrolling.current = false;
    });
  }, []);

  const pieces = windowed.pieces(rows, shown, held);
  return { scroller, list, pieces, following, toEnd, toRow, where, onScroll };
}

function topFor(spot: Spot, viewHeight: number, rowHeight: number): number {
  if (spot === 'upper third') return viewHeight / 4;
  if (spot === 'middle') return Math.max(0, (viewHeight - rowHeight) / 2);
  return spot.top;
}
