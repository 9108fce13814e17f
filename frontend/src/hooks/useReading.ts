/**
 * Moves the read marker to what has been seen: the last message of which half
 * was in view for half a second, in a window somebody looks at.
 */
import { type RefObject, useCallback, useEffect, useRef } from 'react';
import { useChat } from './useChat';
import { looking } from './useUnreadLine';

const SEEN_AFTER_MS = 500;

interface Reading {
  /** What is in view may have changed. */
  look: () => void;
  /** Leaves the marker alone from now on: something was marked as unread on purpose. */
  pause: () => void;
}

export function useReading(
  roomId: string,
  scroller: RefObject<HTMLElement | null>,
  list: RefObject<HTMLElement | null>,
): Reading {
  const chat = useChat();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const paused = useRef(false);

  const look = useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      if (paused.current || !looking() || !scroller.current || !list.current) return;
      const id = lastInView(list.current, scroller.current);
      const message = id && chat.timeline(roomId).message(id);
      // A marker that did not arrive moves with the next message that is seen.
      if (message) chat.markRead(message).catch(() => undefined);
    }, SEEN_AFTER_MS);
  }, [chat, roomId, scroller, list]);

  useEffect(() => {
    addEventListener('focus', look);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearTimeout(timer.current);
      timer.current = undefined;
      removeEventListener('focus', look);
      document.removeEventListener('visibilitychange', look);
    };
  }, [look]);

  const pause = useCallback(() => {
    paused.current = true;
  }, []);

  return { look, pause };
}

function lastInView(list: HTMLElement, view: HTMLElement): string | undefined {
  const end = view.scrollTop + view.clientHeight;
  for (let index = list.children.length - 1; index >= 0; index -= 1) {
    const row = list.children[index] as HTMLElement;
    const { id } = row.dataset;
    if (id && row.offsetTop + row.offsetHeight / 2 <= end) return id;
  }
  return undefined;
}
