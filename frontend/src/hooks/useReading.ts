/** Moves the read marker to what has been read (`chat/reading.ts`). */
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import { Reading } from '../chat/reading';
import type { Message } from '../protocol';
import { messagesWellInView } from './rowsInView';
import { useChat } from './useChat';
import { looking } from './useUnreadLine';

const MARKER_EVERY_MS = 500;

interface MarkerMoves {
  /** What is in view may have changed. */
  look: () => void;
  /** Leaves the marker alone until the room is left: something was marked as unread on purpose. */
  pause: () => void;
}

export function useReading(
  roomId: string,
  scroller: RefObject<HTMLElement | null>,
  list: RefObject<HTMLElement | null>,
): MarkerMoves {
  const chat = useChat();
  const [reading] = useState(() => new Reading());
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const paused = useRef(false);

  const sample = useCallback((): { last: Message | undefined; againInMs: number | undefined } => {
    const timeline = chat.timeline(roomId);
    const inView = new Map<number, Message>();
    if (looking() && scroller.current && list.current) {
      for (const row of messagesWellInView(list.current, scroller.current.getBoundingClientRect())) {
        const message = timeline.message(row.dataset.id ?? '');
        if (message) inView.set(message.seq, message);
      }
    }
    const top = Math.min(...inView.keys());
    if (!chat.markers.mayMove(roomId, top)) inView.clear();
    const { upTo, againInMs } = reading.look([...inView.keys()], performance.now());
    return { last: upTo === undefined ? undefined : inView.get(upTo), againInMs };
  }, [chat, roomId, reading, scroller, list]);

  const look = useCallback(() => {
    const { againInMs } = sample();
    if (againInMs === undefined || timer.current !== undefined) return;
    // However much comes into view, the marker moves twice a second.
    timer.current = setTimeout(() => {
      timer.current = undefined;
      const { last } = sample();
      // A marker that did not arrive moves with the next message that is read.
      if (last && !paused.current) chat.markers.move(last).catch(() => undefined);
      look();
    }, MARKER_EVERY_MS);
  }, [chat, sample]);

  useEffect(() => {
    addEventListener('focus', look);
    addEventListener('blur', look);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearTimeout(timer.current);
      timer.current = undefined;
      removeEventListener('focus', look);
      removeEventListener('blur', look);
      document.removeEventListener('visibilitychange', look);
    };
  }, [look]);

  const pause = useCallback(() => {
    paused.current = true;
  }, []);

  return { look, pause };
}
