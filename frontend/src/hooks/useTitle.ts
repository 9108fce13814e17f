import { useEffect } from 'react';
import { strings } from '../app/strings';
import { callOf } from '../chat/rooms';
import { useWatched } from './useChat';

/** The tab says which room it shows and in how many someone wants you. */
export function useTitle(room: string | undefined): void {
  const wanting = useWatched(
    'rooms',
    (chat) => chat.rooms.list.filter((one) => callOf(one, Date.now()) === 'attention').length,
  );
  useEffect(() => {
    const name = room ? `${room} · ${strings.product}` : strings.product;
    document.title = wanting > 0 ? `(${wanting}) ${name}` : name;
  }, [room, wanting]);
}
