import { expect, test } from 'vitest';
import { ana, message, received, room, time } from '../../tests/support/people';
import type { Change, Membership, Room } from '../protocol';
import { Notices } from './notices';
import { callOf, isMuted, Rooms, wantingIn } from './rooms';

function withUnread(id: string, unread: number, mentions = 0, about: Partial<Room> = {}): Room {
  return room(id, { ...about, membership: { ...(room(id).membership as Membership), unread, mentions } });
}

const NOW = Date.parse(time(60));

test('10: a mention and a direct message call for attention, other messages do not', () => {
  expect(callOf(withUnread('den', 3), NOW)).toBe('unread');
  expect(callOf(withUnread('den', 3, 1), NOW)).toBe('attention');
  expect(callOf(withUnread('den', 1, 0, { kind: 'direct' }), NOW)).toBe('attention');
  expect(callOf(withUnread('den', 0), NOW)).toBe('quiet');
  expect(callOf(room('den', { membership: null }), NOW)).toBe('quiet');
});

test('10: a muted room is quiet, unless somebody is meant, who is told how often', () => {
  const muted = (
    unread: number,
    mentions: number,
    about: Partial<Membership>,
    kind: Room['kind'] = 'public',
  ) => {
    const one = withUnread('den', unread, mentions, { kind });
    return { ...one, membership: { ...(one.membership as Membership), ...about } };
  };
  expect(callOf(muted(3, 0, { notify: 'none' }), NOW)).toBe('quiet');
  expect(callOf(muted(3, 1, { notify: 'none' }), NOW)).toBe('attention');
  expect(wantingIn(muted(3, 1, { notify: 'none' }), NOW)).toBe(1);
  expect(wantingIn(muted(3, 1, { notify: 'none' }, 'direct'), NOW)).toBe(1);
  expect(wantingIn(muted(3, 1, {}, 'direct'), NOW)).toBe(3);
  expect(isMuted(muted(3, 0, { mutedUntil: time(61) }), NOW)).toBe(true);
  expect(isMuted(muted(3, 0, { mutedUntil: time(59) }), NOW)).toBe(false);
});

test('a count that is ahead of the feed is not raised by what it already includes', () => {
  const rooms = new Rooms(ana.id, new Notices((flush) => flush()));
  const unread = () => rooms.get('den')?.membership?.unread;
  rooms.put(withUnread('den', 1, 0, { lastSeq: 6 }));
  rooms.receive('den', received(message(6)));
  expect(unread()).toBe(1);
  rooms.receive('den', received(message(7)));
  expect(unread()).toBe(2);
});

test('a room has the same face while messages come and are read, and another once it is renamed', () => {
  const rooms = new Rooms(ana.id, new Notices((flush) => flush()));
  rooms.put(withUnread('den', 0, 0, { lastSeq: 5 }));
  const face = rooms.face('den');
  rooms.receive('den', received(message(6)));
  rooms.setMarker('den', { lastReadSeq: 6, lastReadId: 'm6', unread: 0, mentions: 0 });
  expect(rooms.get('den')?.lastSeq).toBe(6);
  expect(rooms.face('den')).toBe(face);
  const renamed = room('den', { name: 'lair', lastSeq: 7 });
  rooms.receive('den', {
    seq: 7,
    event: 'room_updated',
    data: { roomId: 'den', seq: 7, room: renamed },
  } as Change);
  expect(rooms.face('den')?.name).toBe('lair');
  rooms.remove('den');
  expect(rooms.face('den')).toBeUndefined();
});
