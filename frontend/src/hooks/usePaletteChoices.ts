/** Everything the palette can lead to, in the order that counts before anything is typed. */
import { useLocation } from 'wouter';
import { strings } from '../app/strings';
import type { Chat } from '../chat/chat';
import type { Choice } from '../chat/palette';
import type { RoomKind, User } from '../protocol';
import { api } from '../services/api';
import { useAnswer } from './useAnswer';
import { useChat } from './useChat';
import { nameIn } from './useRoomName';
import { useShell } from './useShell';
import { useTask } from './useTask';

export interface PaletteChoice extends Choice {
  readonly sign: RoomKind | 'person' | 'command';
  readonly keys?: string | undefined;
  readonly run: () => void;
}

export function usePaletteChoices(letters: string): PaletteChoice[] {
  const chat = useChat();
  const { commands } = useShell();
  const [, navigate] = useLocation();
  const { run } = useTask();
  // Those who are known already are offered all the same.
  const found = useAnswer(letters.trim() || undefined, api.findUsers)?.users ?? [];

  const goTo = (roomId: string) => navigate(`/r/${roomId}`);
  const writeTo = (user: User) =>
    run(async () => {
      const room = await api.directRoom([user.id]);
      chat.follow(room);
      goTo(room.id);
    });

  return [
    ...rooms(chat, goTo),
    ...people(chat, found, writeTo),
    ...commands.list.flatMap(({ id, name, keys, run: act }): PaletteChoice[] =>
      act && id !== 'palette' ? [{ id, sign: 'command', name, keys: keys?.[0], run: act }] : [],
    ),
  ];
}

function rooms(chat: Chat, goTo: (roomId: string) => void): PaletteChoice[] {
  const listed = chat.order.sections.flatMap((section) => section.roomIds);
  const visited = chat.visited.filter((id) => id !== chat.openRoom);
  const ids = new Set([...visited, ...listed].filter((id) => chat.rooms.get(id)));
  return [...ids].flatMap((id) => {
    const room = chat.rooms.get(id);
    if (!room) return [];
    const recent = visited.includes(id);
    return {
      id,
      sign: room.kind,
      name: nameIn(chat, room),
      ...(recent ? { aside: strings.palette.recent } : {}),
      run: () => goTo(id),
    };
  });
}

/** People one could write to, without those whose conversation is among the rooms. */
function people(chat: Chat, found: readonly User[], writeTo: (user: User) => unknown): PaletteChoice[] {
  const listed = new Set([chat.me.id]);
  for (const room of chat.rooms.list) {
    if (room.kind !== 'direct' || room.memberCount > 2) continue;
    for (const member of chat.people.members(room.id)) listed.add(member.user.id);
  }
  const known = new Map([...chat.people.known, ...found].map((user) => [user.id, user]));
  return [...known.values()]
    .filter((user) => !listed.has(user.id))
    .map((user) => ({
      id: user.id,
      sign: 'person',
      name: user.displayName,
      aside: user.username,
      run: () => void writeTo(user),
    }));
}
