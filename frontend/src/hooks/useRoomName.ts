import { strings } from '../app/strings';
import type { Chat } from '../chat/chat';
import { roomName } from '../chat/names';
import type { Room } from '../protocol';
import { useWatched } from './useChat';

export function nameIn(chat: Chat, room: Room): string {
  return roomName(room, chat.people.members(room.id), chat.me.id, strings.rooms.you);
}

export function useRoomName(room: Room): string {
  return useWatched(`members:${room.id}`, (chat) => nameIn(chat, room));
}
