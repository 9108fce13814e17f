import { useMemo } from 'react';
import { type Row, rowsOf } from '../chat/rows';
import { useChat, useWatched } from './useChat';

export function useRows(roomId: string, unreadAfter: number | undefined): Row[] {
  const chat = useChat();
  const items = useWatched(`timeline:${roomId}`, () => chat.timeline(roomId).items);
  const pending = useWatched(`outbox:${roomId}`, () => chat.outbox.pending(roomId));
  return useMemo(() => {
    const timeline = chat.timeline(roomId);
    return rowsOf({
      items,
      message: (id) => timeline.message(id),
      pending,
      unreadAfter,
      me: chat.me.id,
    });
  }, [chat, roomId, items, pending, unreadAfter]);
}
