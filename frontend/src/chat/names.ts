/** What a room is called: its own name, or the people in it. */
import type { Member, Room } from '../protocol';

export function roomName(room: Room, members: readonly Member[], me: string, alone: string): string {
  if (room.kind !== 'direct') return room.name ?? '';
  const others = members.filter((member) => member.user.id !== me).map((member) => member.user.displayName);
  if (others.length > 0) return others.join(', ');
  return members.length > 0 ? alone : '…';
}

/** A stable place for someone's name among the eight hues. */
export function hueOf(userId: string): number {
  let hash = 0;
  for (let index = 0; index < userId.length; index += 1) hash = (hash * 31 + userId.charCodeAt(index)) | 0;
  return Math.abs(hash) % 8;
}
