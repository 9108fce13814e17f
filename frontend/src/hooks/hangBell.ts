/** Puts the bell (`chat/bell.ts`) into a page: what it hears of the page, and what leads out of it. */
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
import { nameIn } from './useRoomName';
import { looking } from './useUnreadLine';

interface Parts {
  /** The room that the page shows. */
  readonly room: () => string | undefined;
  readonly goTo: (path: string) => void;
}

export interface HungBell {
  /** The page shows another room. */
  look(): void;
  takeDown(): void;
}

export function hangBell(chat: Chat, { room, goTo }: Parts): HungBell {
  const tabs = new Channel<LookWord>(`roost-looks:${chat.me.id}`);
  const looks = new Looks(newId(), tabs);
  const leading = new Leading(`roost-bell:${chat.me.id}`, navigator.locks);
  const notifications = new Notifications((note) => goTo(`/r/${note.roomId}/m/${note.messageId}`));
  const bell = new Bell({
    chat,
    leads: () => leading.leads,
    lookedAt: () => looks.at,
    titleOf: (message) => titleOf(chat, message),
    ring: chime,
    show: (note) => notifications.show(note),
    withdraw: (id) => notifications.withdraw(id),
  });

  function look() {
    looks.look(looking() ? room() : undefined);
    bell.look();
  }
  const leave = () => looks.look(undefined);
  look();
  addEventListener('focus', look);
  addEventListener('blur', look);
  addEventListener('pagehide', leave);
  document.addEventListener('visibilitychange', look);

  return {
    look,
    takeDown() {
      removeEventListener('focus', look);
      removeEventListener('blur', look);
      removeEventListener('pagehide', leave);
      document.removeEventListener('visibilitychange', look);
      leave();
      bell.stop();
      leading.stop();
      tabs.close();
    },
  };
}

/** Who says it, and where, unless there is nobody else. */
function titleOf(chat: Chat, { author, roomId }: Message): string {
  const room = chat.rooms.get(roomId);
  if (!room || (room.kind === 'direct' && room.memberCount <= 2)) return author.displayName;
  return strings.notifications.titleOf(author.displayName, nameIn(chat, room));
}
