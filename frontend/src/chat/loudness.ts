/**
 * How loudly somebody is told of a new message: not at all, by a notification,
 * or by a sound as well. These are all the rules there are; where they act, and
 * in which of the tabs, is `bell.ts`.
 */
import type { Message, Room } from '../protocol';
import { isMuted } from './rooms';
import type { Preferences } from './settings';
import { mentionsUser } from './timeline';

export type Loudness = 'silent' | 'shown' | 'rung';

/** What is heard of later than this was missed, and is found in the list of rooms. */
const NEWS_FOR_MS = 5 * 60_000;

type Wishes = Pick<Preferences, 'sound' | 'quiet' | 'quietFrom' | 'quietTo'>;

interface Circumstances {
  readonly room: Room;
  readonly me: string;
  /** The room that somebody looks at, in whichever tab. */
  readonly lookedAt: string | undefined;
  readonly wishes: Wishes;
  readonly now: Date;
}

export function loudnessOf(message: Message, { room, me, lookedAt, wishes, now }: Circumstances): Loudness {
  const { membership } = room;
  if (message.author.id === me || message.kind !== 'text' || message.deletedAt) return 'silent';
  if (now.getTime() - Date.parse(message.createdAt) > NEWS_FOR_MS) return 'silent';
  if (lookedAt === room.id || !membership || message.seq <= membership.lastReadSeq) return 'silent';
  if (isMuted(room, now.getTime()) || isQuiet(wishes, now)) return 'silent';
  const called = mentionsUser(message, me);
  if (membership.notify === 'mentions' && !called) return 'silent';
  const rings = wishes.sound === 'all' || (wishes.sound === 'mentions' && (called || room.kind === 'direct'));
  return rings ? 'rung' : 'shown';
}

/** Within the hours in which nobody is to be disturbed; they may go past midnight. */
export function isQuiet({ quiet, quietFrom, quietTo }: Omit<Wishes, 'sound'>, now: Date): boolean {
  if (!quiet) return false;
  const [hours, minutes] = [now.getHours(), now.getMinutes()].map((part) => String(part).padStart(2, '0'));
  const time = `${hours}:${minutes}`;
  if (quietFrom < quietTo) return quietFrom <= time && time < quietTo;
  return quietFrom <= time || time < quietTo;
}
