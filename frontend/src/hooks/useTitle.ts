/** What the tab says: which room it shows, and how much there is for its reader anywhere. */
import { useEffect } from 'react';
import { strings } from '../app/strings';
import type { Chat } from '../chat/chat';
import { MANY_UNREAD, wantingInAll } from '../chat/rooms';
import { showBadge } from '../services/badge';
import { useWatched } from './useChat';

const wantedIn = (chat: Chat) => wantingInAll(chat.rooms.list, Date.now());

export function useTitle(room: string | undefined): void {
  const wanted = useWatched('rooms', wantedIn);
  useEffect(() => {
    const name = room ? `${room} · ${strings.product}` : strings.product;
    const count = wanted >= MANY_UNREAD ? strings.rooms.many : wanted;
    document.title = wanted > 0 ? `(${count}) ${name}` : name;
  }, [room, wanted]);
}

/** A dot on the icon of the tab, and a number on that of the app. */
export function useBadge(): void {
  const wanted = useWatched('rooms', wantedIn);
  useEffect(() => showBadge(wanted), [wanted]);
  useEffect(() => () => showBadge(0), []);
}
