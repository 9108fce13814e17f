import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { inTheDen } from '../../tests/support/den';
import { FakeWire } from '../../tests/support/fakeWire';
import { ana, deleted, edited, message, received, time } from '../../tests/support/people';
import type { Change, Message, News } from '../protocol';
import { Bell, type Note } from './bell';
import type { Chat } from './chat';

let wire: FakeWire;
let chat: Chat;
let bell: Bell;
let leads: boolean;
let lookedAt: string | undefined;
/** What the system shows, by room; and how often it was heard. */
let notes: Map<string, Note>;
let rung: number;

beforeEach(async () => {
  vi.useFakeTimers({ now: Date.parse(time(5)) });
  wire = new FakeWire();
  chat = await inTheDen(wire);
  leads = true;
  lookedAt = undefined;
  notes = new Map();
  rung = 0;
  bell = new Bell({
    chat,
    leads: () => leads,
    lookedAt: () => lookedAt,
    titleOf: ({ author, roomId }) => `${author.displayName} in ${roomId}`,
    ring: () => {
      rung += 1;
    },
    show: (note) => notes.set(note.roomId, note),
    withdraw: (roomId) => notes.delete(roomId),
  });
});

afterEach(() => {
  bell.stop();
  chat.stop();
  vi.useRealTimers();
});

const live = (change: Change) => wire.tell({ name: change.event, payload: change.data } as News);
const calling = (seq: number, about: Partial<Message> = {}) =>
  message(seq, { mentions: [ana.id], createdAt: new Date().toISOString(), ...about });

test('59: a mention rings, and shows who said what where', async () => {
  await live(received(calling(5, { content: '  could you\n\nlook? ' })));
  expect(rung).toBe(1);
  expect(notes.get('den')).toEqual({
    roomId: 'den',
    messageId: 'm5',
    title: 'Bo in den',
    body: 'could you look?',
  });
});

test('59: a long text is shown by its beginning', async () => {
  await live(received(calling(5, { content: '🎉'.repeat(500) })));
  expect(notes.get('den')?.body).toBe(`${'🎉'.repeat(139)}…`);
});

test('68: only the tab whose turn it is tells, and the next goes on when that is gone', async () => {
  leads = false;
  await live(received(calling(5)));
  expect([rung, notes.size]).toEqual([0, 0]);
  leads = true;
  await live(received(calling(6)));
  expect([rung, notes.get('den')?.messageId]).toEqual([1, 'm6']);
});

test('59: a room has one notification, of its last message', async () => {
  await live(received(calling(5)));
  await live(received(message(6, { createdAt: time(6) })));
  expect([...notes.values()].map((note) => note.messageId)).toEqual(['m6']);
});

test('59: many mentions at once sound like one', async () => {
  for (let seq = 5; seq < 9; seq += 1) await live(received(calling(seq)));
  expect(rung).toBe(1);
  vi.advanceTimersByTime(3_000);
  await live(received(calling(9)));
  expect(rung).toBe(2);
});

test('59: for whoever wants no notifications there is the sound alone', async () => {
  chat.settings.change({ notifies: false });
  await live(received(calling(5)));
  expect([rung, notes.size]).toEqual([1, 0]);
});

test('59: a deleted message takes its notification along', async () => {
  await live(received(calling(5)));
  await live(deleted(6, calling(5)));
  expect(notes.size).toBe(0);
});

test('59: an edit changes what the notification says, and is not heard again', async () => {
  await live(received(calling(5)));
  vi.advanceTimersByTime(10_000);
  await live(edited(6, calling(5), 'never mind'));
  expect(notes.get('den')?.body).toBe('never mind');
  expect(rung).toBe(1);
  await live(deleted(7, calling(5)));
  expect(notes.size).toBe(0);
});

test('59: what is read elsewhere takes its notification along, and what is read before it does not', async () => {
  await live(received(calling(5)));
  const read = (lastReadSeq: number) =>
    wire.tell({
      name: 'read_marked',
      payload: { roomId: 'den', lastReadSeq, lastReadId: `m${lastReadSeq}`, unread: 0, mentions: 0 },
    });
  await read(4);
  expect(notes.size).toBe(1);
  await read(5);
  expect(notes.size).toBe(0);
});

test('59: whoever comes to look at the room, or loses it, needs no notification of it', async () => {
  await live(received(calling(5)));
  lookedAt = 'den';
  bell.look();
  expect(notes.size).toBe(0);
  lookedAt = undefined;
  await live(received(calling(6)));
  await wire.tell({ name: 'room_removed', payload: { roomId: 'den' } });
  expect(notes.size).toBe(0);
});

test('59: whoever signs out leaves no notification behind', async () => {
  await live(received(calling(5)));
  bell.stop();
  expect(notes.size).toBe(0);
  await live(received(calling(6)));
  expect(notes.size).toBe(0);
});
