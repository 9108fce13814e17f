/** Joins a public room at once, and for a while offers to take it back. */
import { Toast } from '@base-ui/react/toast';
import { useLocation } from 'wouter';
import { strings } from '../app/strings';
import type { Room } from '../protocol';
import { api } from '../services/api';
import { useChat } from './useChat';
import { useTask } from './useTask';

const UNDO_MS = 8_000;

export function useJoin(): (room: Room) => void {
  const chat = useChat();
  const [, navigate] = useLocation();
  const { add, close } = Toast.useToastManager();
  const { run } = useTask();

  return (room) => {
    const path = `/r/${room.id}`;
    const joining = chat.join(room);
    const toast = add({
      title: strings.rooms.joinedRoom(room.name ?? ''),
      timeout: UNDO_MS,
      actionProps: { children: strings.undo, onClick: () => void undo() },
    });
    navigate(path);

    async function undo() {
      close(toast);
      await run(async () => {
        await joining;
        await api.leaveRoom(room.id, chat.me.id);
        chat.left(room.id);
        if (location.pathname.startsWith(path)) navigate('/browse');
      });
    }

    void run(() => joining).then((joined) => !joined && close(toast));
  };
}
