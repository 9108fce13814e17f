/**
 * Which rows of a long list are near enough to be seen that they must be there.
 *
 * All rows are as high as one another and the list is as high as all of them, so
 * that nothing has to be measured but the list.
 */
import { type RefObject, useCallback, useEffect, useLayoutEffect, useState } from 'react';

/** Rows kept beyond each edge of the view, for the next turn of the wheel. */
const BEYOND = 12;
/** Shown where nothing is laid out yet. */
const AT_FIRST = 40;

interface Slice {
  from: number;
  to: number;
}

export function useSlice(
  view: RefObject<HTMLElement | null>,
  list: RefObject<HTMLElement | null>,
  count: number,
): Slice {
  const [slice, setSlice] = useState<Slice>({ from: 0, to: AT_FIRST });

  const look = useCallback(() => {
    if (!view.current || !list.current) return;
    const wanted = sliceOf(view.current, list.current, count);
    setSlice((known) => (known.from === wanted.from && known.to === wanted.to ? known : wanted));
  }, [view, list, count]);

  // What stands above may have moved the list without a scroll: whoever shows it has rendered then.
  useLayoutEffect(look);

  useEffect(() => {
    const scroller = view.current;
    if (!scroller || !list.current) return;
    const observer = new ResizeObserver(look);
    observer.observe(scroller);
    observer.observe(list.current);
    scroller.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      scroller.removeEventListener('scroll', look);
    };
  }, [view, list, look]);

  return slice;
}

function sliceOf(view: HTMLElement, list: HTMLElement, count: number): Slice {
  const height = count > 0 ? list.clientHeight / count : 0;
  if (height === 0) return { from: 0, to: AT_FIRST };
  const above = (view.scrollTop - list.offsetTop) / height;
  const from = Math.max(0, Math.floor(above) - BEYOND);
  const to = Math.min(count, Math.ceil(above + view.clientHeight / height) + BEYOND);
  return { from, to: Math.max(from, to) };
}
