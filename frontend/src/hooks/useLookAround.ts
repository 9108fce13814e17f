/** Loads what comes near the view: what is older than the first message, and what is missing between. */
import { type RefObject, useCallback } from 'react';
import { isInUpperPart, rowOf } from './rowsInView';
import { useChat } from './useChat';

/** Pages are asked for this far ahead of the edge. */
const AHEAD_PX = 1_200;

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
      const bounds = view.getBoundingClientRect();
      const at = row.getBoundingClientRect();
      if (at.top > bounds.bottom + AHEAD_PX || at.bottom < bounds.top - AHEAD_PX) continue;
      void chat.history.gap(roomId, item, isInUpperPart(at, bounds) ? 'before' : 'after');
    }
  }, [chat, roomId, scroller, list]);
}
