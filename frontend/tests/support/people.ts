/** Made-up people, rooms and messages for unit tests. */
import type { Change, Me, Member, Message, MessagePage, Room, User } from '../../src/protocol';

const AT = Date.UTC(2026, 10, 19, 14, 0);

export const time = (minutes: number): string => new Date(AT + minutes * 60_000).toISOString();

export function user(name: string): User {
  return {
    id: `u-${name}`,
    username: name,
    displayName: name.charAt(0).toUpperCase() + name.slice(1),
    isBot: false,
    role: 'member',
    createdAt: time(0),
  };
}

export const ana: Me = { ...user('ana'), lastSeenVisible: true, settings: {} };
export const bo = user('bo');
export const cleo = user('cleo');

export function room(id: string, about: Partial<Room> = {}): Room {
  return {
    id,
    kind: 'public',
    name: id,
    memberCount: 2,
    lastSeq: 0,
    lastActivityAt: time(0),
    createdAt: time(0),
    membership: { role: 'member', joinedAt: time(0), lastReadSeq: 0, unread: 0, mentions: 0, notify: 'all' },
    ...about,
  };
}

export function member(who: User, here = false): Member {
  return {
    user: who,
    role: 'member',
    joinedAt: time(0),
    presence: { userId: who.id, status: here ? 'online' : 'offline' },
    here,
  };
}

export function message(seq: number, about: Partial<Message> = {}): Message {
  return {
    id: `m${seq}`,
    roomId: 'den',
    seq,
    revSeq: seq,
    author: bo,
    kind: 'text',
    content: `message ${seq}`,
    reactions: [],
    mentions: [],
    createdAt: time(seq),
    metadata: {},
    ...about,
  };
}

export const messages = (from: number, to: number): Message[] =>
  Array.from({ length: to - from + 1 }, (_, index) => message(from + index));

export function page(from: number, to: number, about: Partial<MessagePage> = {}): MessagePage {
  return { messages: messages(from, to), lastSeq: to, hasBefore: from > 1, hasAfter: false, ...about };
}

export const received = (one: Message): Change => ({ seq: one.seq, event: 'message_received', data: one });

export function edited(seq: number, one: Message, content: string): Change {
  const edit = { ...one, revSeq: seq, content, editedAt: time(seq) };
  return { seq, event: 'message_updated', data: { roomId: one.roomId, seq, message: edit } };
}

export function deleted(seq: number, one: Message): Change {
  const tombstone = { ...one, revSeq: seq, content: '', reactions: [], deletedAt: time(seq) };
  return { seq, event: 'message_deleted', data: { roomId: one.roomId, seq, message: tombstone } };
}

export function reacted(seq: number, messageId: string, emoji: string, userId: string): Change {
  return { seq, event: 'reaction_added', data: { roomId: 'den', seq, messageId, emoji, userId } };
}

export function left(seq: number, userId: string): Change {
  return { seq, event: 'member_removed', data: { roomId: 'den', seq, userId, by: userId } };
}
