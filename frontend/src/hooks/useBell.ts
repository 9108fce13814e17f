/** Rings and notifies while its user looks elsewhere (`chat/bell.ts`), in one of the tabs of a browser. */
import { useEffect, useRef } from 'react';
import { useLocation, useRoute } from 'wouter';
import { strings } from '../app/strings';
import { Bell } from '../chat/bell';
import type { Chat } from '../chat/chat';
import { newId } from '../chat/ids';
import { Looks, type LookWord } from '../chat/looks';
import type { Message } from '../protocol';
import { Channel } from '../services/channel';
import { chime } from '../services/chime';
import { Leading } from '../services/leading';
import { Notifications } from '../services/notifications';
import { useChat } from './useChat';
import { nameIn } from './useRoomName';
import { looking } from './useUnreadLine';

export function useBell(): void {
  const chat = useChat();
  const [, navigate] = useLocation();
  const [, route] = useRoute('/r/:roomId/*?');
  const roomId = route?.roomId;
  const latest = useRef({ roomId, navigate });
  const look = useRef(() => {});

  useEffect(() => {
    latest.current = { roomId, navigate };
    look.current();
  }, [roomId, navigate]);

  useEffect(() => {
    const tabs = new Channel<LookWord>(`roost-looks:${chat.me.id}`);
    const looks = new Looks(newId(), tabs);
    const leading = new Leading(`roost-bell:${chat.me.id}`, navigator.locks);
    const notifications = new Notifications((note) =>
      latest.current.navigate(`/r/${note.roomId}/m/${note.messageId}`),
    );
    const bell = new Bell({
      chat,
      leads: () => leading.leads,
      lookedAt: () => looks.at,
      titleOf: (message) => titleOf(chat, message),
      ring: chime,
      show: (note) => notifications.show(note),
      withdraw: (id) => notifications.withdraw(id),
    });
    const lookAgain = () => {
      looks.look(looking() ? latest.current.roomId : undefined);
      bell.look();
    };
    const leave = () => looks.look(undefined);
    look.current = lookAgain;
    lookAgain();
    addEventListener('focus', lookAgain);
    addEventListener('blur', lookAgain);
    addEventListener('pagehide', leave);
    document.addEventListener('visibilitychange', lookAgain);
    return () => {
      removeEventListener('focus', lookAgain);
      removeEventListener('blur', lookAgain);
      removeEventListener('pagehide', leave);
      document.removeEventListener('visibilitychange', lookAgain);
      look.current = () => {};
      leave();
      bell.stop();
      leading.stop();
      tabs.close();
    };
  }, [chat]);
}

/** Who says it, and where, unless there is nobody else. */
function titleOf(chat: Chat, { author, roomId }: Message): string {
  const room = chat.rooms.get(roomId);
  if (!room || (room.kind === 'direct' && room.memberCount <= 2)) return author.displayName;
  return strings.notifications.titleOf(author.displayName, nameIn(chat, room));
}
