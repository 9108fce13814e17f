/**
 * Where the line above what is new goes. It is drawn when a room is opened with
 * unread messages, or when some arrive while nobody looks, and then stays put.
 */
import { useEffect, useState } from 'react';
import { useChat, useWatched } from './useChat';

export function useUnreadLine(roomId: string): [line: number | undefined, draw: (after: number) => void] {
  const chat = useChat();
  const membership = useWatched(`room:${roomId}`, () => chat.rooms.get(roomId)?.membership);
  const unread = membership?.unread ?? 0;
  const lastReadSeq = membership?.lastReadSeq;
  const [line, setLine] = useState(() => (unread > 0 ? lastReadSeq : undefined));

  useEffect(() => {
    if (unread > 0 && !looking()) setLine((known) => known ?? lastReadSeq);
  }, [unread, lastReadSeq]);

  // Whoever leaves with everything read finds a new line on their return.
  useEffect(() => {
    const away = () => {
      const now = chat.rooms.get(roomId)?.membership;
      if (now?.unread === 0) setLine(undefined);
    };
    addEventListener('blur', away);
    return () => removeEventListener('blur', away);
  }, [chat, roomId]);

  return [line, setLine];
}

/** Someone can be assumed to see this page. */
export function looking(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus();
}
