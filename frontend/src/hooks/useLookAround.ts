/** Loads what comes near the view: what is older than the first message, and what is missing between. */
import { type RefObject, useCallback } from 'react';
import { useChat } from './useChat';
import { rowOf } from './useScroll';

/** Pages are asked for this far ahead of the edge. */
const AHEAD_PX = 1_200;
/** A gap that stands higher than this in the view is filled from its foot. */
const UPPER_PART = 1 / 3;

export function useLookAround(
  roomId: string,
  scroller: RefObject<HTMLElement | null>,
  list: RefObject<HTMLElement | null>,
): () => void {
  const chat = useChat();
  return useCallback(() => {
    const view = scroller.current;
    if (!view || view.clientHeight === 0) return;
    const timeline = chat.timeline(roomId);
    const { failures } = chat.history.progress(roomId);
    // The scroller counts from its end, so what lies above the view is what is left of its height.
    const above = view.scrollHeight - view.clientHeight + view.scrollTop;
    if (above < AHEAD_PX && !timeline.reachesStart && !failures.has('older')) void chat.history.older(roomId);
    for (const item of timeline.items) {
      if (item.kind !== 'gap' || failures.has(item.key)) continue;
      const row = rowOf(list.current, item.key);
      if (!row) continue;
      const top = row.getBoundingClientRect().top - view.getBoundingClientRect().top;
      if (top > view.clientHeight + AHEAD_PX || top < -AHEAD_PX) continue;
      const side = top < view.clientHeight * UPPER_PART ? 'before' : 'after';
      void chat.history.gap(roomId, item, side);
    }
  }, [chat, roomId, scroller, list]);
}
