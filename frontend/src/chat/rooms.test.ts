import { expect, test } from 'vitest';
import { ana, message, received, room } from '../../tests/support/people';
import type { Membership, Room } from '../protocol';
import { Notices } from './notices';
import { callOf, orderRooms, Rooms } from './rooms';

function withUnread(id: string, unread: number, mentions = 0, about: Partial<Room> = {}): Room {
  return room(id, { ...about, membership: { ...(room(id).membership as Membership), unread, mentions } });
}

test('a mention and a direct message call for attention, other messages do not', () => {
  expect(callOf(withUnread('den', 3))).toBe('unread');
  expect(callOf(withUnread('den', 3, 1))).toBe('attention');
  expect(callOf(withUnread('den', 1, 0, { kind: 'direct' }))).toBe('attention');
  expect(callOf(withUnread('den', 0))).toBe('quiet');
  expect(callOf(room('den', { membership: null }))).toBe('quiet');
});

test('rooms that want someone come first, then what is new, then the latest', () => {
  const rooms = [
    room('quiet-old', { lastActivityAt: '2026-11-01T00:00:00.000Z' }),
    room('quiet-new', { lastActivityAt: '2026-11-03T00:00:00.000Z' }),
    withUnread('unread', 2, 0, { lastActivityAt: '2026-11-01T00:00:00.000Z' }),
    withUnread('wanted', 2, 1, { lastActivityAt: '2026-10-01T00:00:00.000Z' }),
  ];
  const order = orderRooms(rooms, (one) => one.id).map((one) => one.id);
  expect(order).toEqual(['wanted', 'unread', 'quiet-new', 'quiet-old']);
});

test('rooms that are equal otherwise are in the order of their names', () => {
  const rooms = ['room 10', 'Room 2', 'attic'].map((name) => room(name));
  expect(orderRooms(rooms, (one) => one.id).map((one) => one.id)).toEqual(['attic', 'Room 2', 'room 10']);
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
