/**
 * A room that was shown from memory may turn out to have unread messages. It is
 * then opened anew where reading stopped, as it would have been in the first
 * place; but not under the hands of somebody who has begun to read it.
 */
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useChat, useWatched } from './useChat';

const HANDS = ['pointerdown', 'keydown', 'wheel', 'touchmove'] as const;

/** Another number asks for another beginning. */
export function useVisit(roomId: string, entry: string | undefined): number {
  const chat = useChat();
  const behind = useWatched(`room:${roomId}`, () => chat.wasBehind(roomId));
  const [visit, setVisit] = useState(behind ? 1 : 0);
  const begun = useRef(false);
  const again = useRef(false);

  useEffect(() => {
    const begin = () => {
      begun.current = true;
    };
    for (const hand of HANDS) addEventListener(hand, begin, { passive: true });
    return () => {
      for (const hand of HANDS) removeEventListener(hand, begin);
    };
  }, []);

  useLayoutEffect(() => {
    if (!behind || begun.current) return;
    again.current = true;
    setVisit(1);
  }, [behind]);

  // Where the first beginning led is no place anybody went to. It is noted to its very end.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another visit is the reason.
  useLayoutEffect(() => {
    if (again.current && entry) chat.places.forget(entry);
    again.current = false;
  }, [visit]);
  return visit;
}
