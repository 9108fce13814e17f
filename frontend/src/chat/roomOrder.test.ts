import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { room, time } from '../../tests/support/people';
import type { Membership, Room } from '../protocol';
import { RoomOrder, shelve } from './roomOrder';

const NOW = Date.parse(time(60));
const nameOf = (one: Room) => one.name ?? one.id;

function withUnread(id: string, unread: number, mentions = 0, about: Partial<Room> = {}): Room {
  return room(id, { ...about, membership: { ...(room(id).membership as Membership), unread, mentions } });
}

const activeAt = (minutes: number) => ({ lastActivityAt: time(minutes) });
const idsOf = (sections: readonly { roomIds: readonly string[] }[]) => sections.map((one) => one.roomIds);

test('9: what is pinned comes first, then who wants you, then what is new, then the latest', () => {
  const rooms = [
    room('quiet-old', activeAt(1)),
    room('quiet-new', activeAt(9)),
    room('Cleo', { kind: 'direct', ...activeAt(12) }),
    withUnread('unread', 2, 0, activeAt(2)),
    withUnread('wanted', 2, 1, activeAt(3)),
    withUnread('Bo', 1, 0, { kind: 'direct', ...activeAt(4) }),
    withUnread('pin-2', 5, 5),
    room('pin-1'),
  ];
  expect(idsOf(shelve(rooms, { pinned: ['pin-1', 'pin-2', 'left'], nameOf, now: NOW }))).toEqual([
    ['pin-1', 'pin-2'],
    ['Bo', 'wanted'],
    ['unread', 'quiet-new', 'quiet-old'],
    ['Cleo'],
  ]);
});

test('9: rooms that are equal otherwise are in the order of their names', () => {
  const rooms = ['room 10', 'Room 2', 'attic', 'Ähre'].map((name) => room(name));
  const [, , ids] = idsOf(shelve(rooms, { pinned: [], nameOf, now: NOW }));
  expect(ids).toEqual(['Ähre', 'attic', 'Room 2', 'room 10']);
});

let rooms: Room[];
let pinned: string[];
let order: RoomOrder;
const list = () => order.sections.flatMap((section) => section.roomIds);

function become(...now: Room[]): void {
  rooms = now;
  order.look();
}

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  rooms = [];
  pinned = [];
  order = new RoomOrder({ rooms: () => rooms, nameOf, pinned: () => pinned, changed: () => {} });
  become(room('a', activeAt(3)), room('b', activeAt(2)), room('c', activeAt(1)));
});

afterEach(() => {
  order.stop();
  vi.useRealTimers();
});

test('9: the list changes its order at most every two seconds', () => {
  become(room('a', activeAt(3)), withUnread('b', 1), room('c', activeAt(1)));
  expect(list()).toEqual(['a', 'b', 'c']);
  vi.advanceTimersByTime(1_999);
  expect(list()).toEqual(['a', 'b', 'c']);
  vi.advanceTimersByTime(1);
  expect(list()).toEqual(['b', 'a', 'c']);
});

test('9: the list keeps its order under a pointer and under the focus', () => {
  order.hold('pointer', true);
  order.hold('focus', true);
  become(room('a', activeAt(3)), room('b', activeAt(2)), withUnread('c', 2, 1));
  vi.advanceTimersByTime(60_000);
  order.hold('pointer', false);
  expect(list()).toEqual(['a', 'b', 'c']);
  order.hold('focus', false);
  expect(list()).toEqual(['c', 'a', 'b']);
});

test('9: a pointer that comes while the list waits for its time holds it too', () => {
  become(room('a', activeAt(3)), withUnread('b', 1), room('c', activeAt(1)));
  order.hold('pointer', true);
  vi.advanceTimersByTime(10_000);
  expect(list()).toEqual(['a', 'b', 'c']);
});

test('9: rooms come last and go at once while the list is held', () => {
  order.hold('pointer', true);
  become(room('a', activeAt(3)), room('c', activeAt(1)), withUnread('d', 1), withUnread('e', 1, 1));
  expect(idsOf(order.sections)).toEqual([[], ['e'], ['a', 'c', 'd'], []]);
});

test('9: a room goes to where it is pinned even from under the pointer', () => {
  order.hold('pointer', true);
  pinned = ['c'];
  order.settle();
  expect(list()).toEqual(['c', 'a', 'b']);
});

test('13: one goes from room to room in the order of the list, round its ends', () => {
  const any = () => true;
  expect(order.beside('a', 1, any)).toBe('b');
  expect(order.beside('a', -1, any)).toBe('c');
  expect(order.beside('c', 1, any)).toBe('a');
  expect(order.beside(undefined, 1, any)).toBe('a');
  expect(order.beside(undefined, -1, any)).toBe('c');
  expect(order.beside('a', 1, (id) => id === 'c')).toBe('c');
  expect(order.beside('a', 1, (id) => id === 'a')).toBeUndefined();
});
