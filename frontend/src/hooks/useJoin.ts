/** Joins a public room at once, and for a while offers to take it back. */
import { useLocation } from 'wouter';
import { strings } from '../app/strings';
import type { Room } from '../protocol';
import { api } from '../services/api';
import { toasting } from '../services/toasting';
import { useChat } from './useChat';
import { useTask } from './useTask';

const UNDO_MS = 8_000;

export function useJoin(): (room: Room) => void {
  const chat = useChat();
  const [, navigate] = useLocation();
  const { run } = useTask();

  return (room) => {
    const path = `/r/${room.id}`;
    const joining = chat.join(room);
    const takeBack = toasting.say({
      title: strings.rooms.joinedRoom(room.name ?? ''),
      timeout: UNDO_MS,
      action: { label: strings.undo, act: () => void undo() },
    });
    // A visitor is there already, and reads on.
    if (!isThere()) navigate(path);

    async function undo() {
      takeBack();
      await run(async () => {
        await joining;
        await api.leaveRoom(room.id, chat.me.id);
        chat.left(room.id);
        if (isThere()) navigate('/browse');
      });
    }

    function isThere(): boolean {
      return location.pathname.startsWith(path);
    }

    void run(() => joining).then((joined) => !joined && takeBack());
  };
}
