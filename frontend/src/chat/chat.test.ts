import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FakeBrowser, type FakeStorage, fakeStorage } from '../../tests/support/fakeStorage';
import { FakeWire, settled } from '../../tests/support/fakeWire';
import {
  ana,
  bo,
  cleo,
  deleted,
  left,
  member,
  message,
  messages,
  page,
  reacted,
  received,
  room,
} from '../../tests/support/people';
import type { Change, JoinedRoom, MessagePage, News, Room } from '../protocol';
import { Chat } from './chat';
import type { PageQuery } from './history';
import { Notices } from './notices';

let wire: FakeWire;
let storage: FakeStorage;
let chat: Chat;
let rooms: Room[];
let list: () => Promise<Room[]>;
let pages: (query: PageQuery) => Promise<MessagePage>;
const ended = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  ended.mockClear();
  wire = new FakeWire();
  storage = fakeStorage();
  rooms = [room('den', { lastSeq: 4 })];
  list = () => Promise.resolve(rooms);
  pages = () => Promise.resolve(page(1, 4));
  chat = visit();
});

afterEach(() => {
  chat.stop();
  vi.useRealTimers();
});

/** A new page of the same browser. */
function visit(browser = new FakeBrowser()): Chat {
  return new Chat({
    me: ana,
    wire,
    storage,
    tabs: browser.tab(),
    api: {
      listRooms: () => list(),
      room: (id) => Promise.resolve(room(id)),
      messages: (_, query) => pages(query),
      deleteMessage: () => Promise.resolve(),
    },
    notices: new Notices((flush) => flush()),
    ended,
  });
}

function answer(
  lastSeq: number,
  changes: Change[],
  about: Partial<JoinedRoom> = {},
): JoinedRoom & { roomId: string } {
  return {
    roomId: 'den',
    room: room('den', { lastSeq }),
    members: [member(ana), member(bo, true)],
    lastSeq,
    epoch: 'one',
    reset: false,
    changes,
    ...about,
  };
}

/** Signed in, connected, following the den whose log ends at 4, looking at it. */
async function inTheDen(): Promise<void> {
  await chat.start();
  await wire.open();
  await wire.last('resume').answer({ rooms: [answer(4, [])] });
  await chat.open('den');
}

function live(change: Change): Promise<void> {
  return wire.tell({ name: change.event, payload: change.data } as News);
}

const shown = () =>
  chat
    .timeline('den')
    .items.map((item) => (item.kind === 'gap' ? '|' : item.id.slice(1)))
    .join(' ');
const unread = (id = 'den') => chat.rooms.get(id)?.membership?.unread;

test('after signing in, every room is followed from where its list says it is', async () => {
  await chat.start();
  await wire.open();
  expect(wire.last('resume').payload).toEqual({ rooms: [{ roomId: 'den', since: 4 }] });
});

test('a live message joins the history', async () => {
  await inTheDen();
  await live(received(message(5)));
  expect(shown()).toBe('1 2 3 4 5');
});

test('coming back asks for what was missed since the last number, in the same history', async () => {
  await inTheDen();
  await live(received(message(5)));
  await wire.break();
  await vi.advanceTimersByTimeAsync(1_000);
  await wire.open();
  expect(wire.last('resume').payload).toEqual({ rooms: [{ roomId: 'den', since: 5, epoch: 'one' }] });
  await wire.last('resume').answer({ rooms: [answer(7, messages(6, 7).map(received))] });
  expect(shown()).toBe('1 2 3 4 5 6 7');
});

test('a jump in the numbers asks for what lies between instead of leaving a hole', async () => {
  await inTheDen();
  await live(received(message(7)));
  expect(shown()).toBe('1 2 3 4');
  expect(wire.last('resume').payload.rooms).toEqual([{ roomId: 'den', since: 4, epoch: 'one' }]);
  await wire.last('resume').answer({ rooms: [answer(7, messages(5, 7).map(received))] });
  expect(shown()).toBe('1 2 3 4 5 6 7');
});

test('an answer that does not reach its own end starts over rather than hide the hole', async () => {
  await inTheDen();
  await wire.tell({ name: 'room_reset', payload: { roomId: 'den' } });
  pages = () => Promise.resolve(page(8, 12, { hasBefore: true }));
  await wire.last('resume').answer({ rooms: [answer(12, messages(5, 6).map(received))] });
  expect(shown()).toBe('8 9 10 11 12');
});

test('too far behind, the room starts again from its newest page', async () => {
  await inTheDen();
  await wire.break();
  await wire.open();
  const reset = answer(2_000, [], {
    reset: true,
    changes: null,
    messages: messages(1_998, 2_000),
    hasBefore: true,
  });
  await wire.last('resume').answer({ rooms: [reset] });
  expect(shown()).toBe('1998 1999 2000');
});

test('told to start over without a page, it fetches one', async () => {
  await inTheDen();
  await wire.break();
  await wire.open();
  pages = () => Promise.resolve(page(1_998, 2_000, { hasBefore: true }));
  await wire.last('resume').answer({ rooms: [answer(2_000, [], { reset: true, changes: null })] });
  expect(shown()).toBe('1998 1999 2000');
  expect(wire.last('resume').payload.rooms).toEqual([{ roomId: 'den', since: 2_000, epoch: 'one' }]);
});

test('a feed that the server gave up is asked for again', async () => {
  await inTheDen();
  const before = wire.requests('resume').length;
  await wire.tell({ name: 'room_reset', payload: { roomId: 'den' } });
  expect(wire.requests('resume')).toHaveLength(before + 1);
});

test('many rooms are followed two hundred at a time', async () => {
  rooms = Array.from({ length: 450 }, (_, index) => room(`room-${index}`));
  await chat.start();
  await wire.open();
  const sizes: number[] = [];
  for (let batch = 0; batch < 3; batch += 1) {
    sizes.push(wire.last('resume').payload.rooms.length);
    await wire.last('resume').answer({ rooms: [] });
  }
  expect(sizes).toEqual([200, 200, 50]);
});

test('what is sent stays in view from Enter to the log, and never twice', async () => {
  await inTheDen();
  const sent = chat.send('den', 'hello');
  expect(chat.outbox.pending('den')).toHaveLength(1);
  await settled();
  const mine = message(5, { author: ana, clientId: sent.clientId, content: 'hello' });
  await wire.last('send_message').answer({ message: mine, duplicate: false });
  expect(chat.outbox.pending('den')).toHaveLength(1);
  expect(shown()).toBe('1 2 3 4');
  await live(received(mine));
  expect(chat.outbox.pending('den')).toHaveLength(0);
  expect(shown()).toBe('1 2 3 4 5');
});

test('a message stored just before the server died is found again, exactly once', async () => {
  await inTheDen();
  const sent = chat.send('den', 'hello');
  await settled();
  await wire.break();
  expect(chat.outbox.pending('den')[0]?.state).toBe('unconfirmed');
  await vi.advanceTimersByTimeAsync(3_000);
  await wire.open();
  const mine = message(5, { author: ana, clientId: sent.clientId, content: 'hello' });
  await wire.last('resume').answer({ rooms: [answer(5, [received(mine)])] });
  expect(chat.outbox.pending('den')).toHaveLength(0);
  await wire.last('send_message').answer({ message: mine, duplicate: true });
  expect(shown()).toBe('1 2 3 4 5');
  expect(chat.outbox.pending('den')).toHaveLength(0);
});

test('unread counts grow with the messages of others and end with one of my own', async () => {
  await inTheDen();
  await live(received(message(5)));
  await live(received(message(6, { mentions: [ana.id] })));
  expect(unread()).toBe(2);
  expect(chat.rooms.get('den')?.membership?.mentions).toBe(1);
  await live(received(message(7, { author: ana })));
  expect(unread()).toBe(0);
});

test('a message that the count already includes is not counted when it is replayed', async () => {
  await inTheDen();
  await wire.break();
  await wire.open();
  const membership = { ...room('den').membership, unread: 1 } as NonNullable<Room['membership']>;
  const replay = answer(5, [received(message(5))], { room: room('den', { lastSeq: 5, membership }) });
  await wire.last('resume').answer({ rooms: [replay] });
  expect(unread()).toBe(1);
});

test('deleting an unread message takes it off the count', async () => {
  await inTheDen();
  await live(received(message(5)));
  await live(received(message(6)));
  await live(deleted(7, message(5)));
  // Nothing was ever read here, so all of the room counts but the deleted one.
  expect(unread()).toBe(5);
});

test('reading moves the marker at once and keeps what arrives meanwhile unread', async () => {
  await inTheDen();
  await live(received(message(5)));
  const read = chat.markers.move(message(5));
  expect(unread()).toBe(0);
  await live(received(message(6)));
  const membership = { ...room('den').membership, lastReadSeq: 5 } as NonNullable<Room['membership']>;
  await wire.last('mark_read').answer({ membership });
  await read;
  expect(unread()).toBe(1);
});

test('the marker does not move backward by reading', async () => {
  await inTheDen();
  await live(received(message(5, { author: ana })));
  await chat.markers.move(message(3));
  expect(wire.requests('mark_read')).toHaveLength(0);
});

test('50: a marker set back on purpose is not overtaken by one on its way', async () => {
  await inTheDen();
  await live(received(message(5)));
  await live(received(message(6)));
  const read = chat.markers.move(message(6));
  const unreadAgain = chat.markers.move(message(4), true);
  await settled();
  expect(unread()).toBe(2);
  const membership = (lastReadSeq: number) =>
    ({ ...room('den').membership, lastReadSeq }) as NonNullable<Room['membership']>;
  await wire.last('mark_read').answer({ membership: membership(6) });
  await read;
  expect(unread()).toBe(2);
  expect(wire.last('mark_read').payload).toEqual({ roomId: 'den', messageId: 'm4', force: true });
  await wire.last('mark_read').answer({ membership: membership(4) });
  await unreadAgain;
  expect(unread()).toBe(2);
});

test('what is kept of the room in view is around its reader: the end for whoever follows', async () => {
  await inTheDen();
  await chat.open('den');
  for (let seq = 5; seq <= 700; seq += 1) await live(received(message(seq)));
  expect(chat.timeline('den').reachesEnd).toBe(true);
  expect(chat.timeline('den').size).toBeLessThanOrEqual(650);
  chat.readerAt('m200');
  for (let seq = 701; seq <= 1_400; seq += 1) await live(received(message(seq)));
  expect(chat.timeline('den').message('m200')).toBeDefined();
  expect(chat.timeline('den').items.some((item) => item.kind === 'gap')).toBe(true);
  expect(chat.timeline('den').arrivals).toBe(1_396);
});

test('reading on another device is heard of here', async () => {
  await inTheDen();
  await live(received(message(5)));
  await wire.tell({
    name: 'read_marked',
    payload: { roomId: 'den', lastReadSeq: 5, lastReadId: 'm5', unread: 0, mentions: 0 },
  });
  expect(unread()).toBe(0);
});

test('a reaction shows before the server has heard of it', async () => {
  await inTheDen();
  const reacting = chat.reacting.react(message(4), '👍', true);
  expect(chat.reacting.wishes('m4')?.get('👍')).toBe(true);
  await wire.last('add_reaction').answer({});
  await reacting;
  expect(chat.reacting.wishes('m4')?.get('👍')).toBe(true);
  await live(reacted(5, 'm4', '👍', ana.id));
  expect(chat.reacting.wishes('m4')).toBeUndefined();
});

test('a reaction that was refused is taken back', async () => {
  await inTheDen();
  const reacting = chat.reacting.react(message(4), '👍', true);
  await wire.last('add_reaction').fail('forbidden');
  await expect(reacting).rejects.toThrow();
  expect(chat.reacting.wishes('m4')).toBeUndefined();
});

test('who loses the membership loses the room with it', async () => {
  await inTheDen();
  await live(left(5, ana.id));
  expect(chat.rooms.get('den')).toBeUndefined();
  await live(received(message(6)));
  expect(shown()).toBe('');
});

test('a room one is added to appears and is followed', async () => {
  await inTheDen();
  await wire.tell({ name: 'room_added', payload: { room: room('attic', { kind: 'private', lastSeq: 9 }) } });
  expect(chat.rooms.get('attic')?.name).toBe('attic');
  expect(wire.last('resume').payload.rooms).toEqual([{ roomId: 'attic', since: 9 }]);
});

test('14: a room one joins is there at once, and gone again when the server refuses', async () => {
  await inTheDen();
  const garden = room('garden', { lastSeq: 9, membership: null });
  const joining = chat.join(garden);
  expect(chat.rooms.get('garden')?.membership).toMatchObject({ unread: 0, lastReadSeq: 9 });
  expect(wire.last('join_room').payload).toEqual({ roomId: 'garden' });
  await wire.last('join_room').fail('forbidden');
  await expect(joining).rejects.toThrow('forbidden');
  expect(chat.rooms.get('garden')).toBeUndefined();
});

test('a room one joins again while the list of rooms is on its way stays', async () => {
  await wasInTheDen();
  let arrive = (_: Room[]) => {};
  list = () =>
    new Promise((resolve) => {
      arrive = resolve;
    });
  const started = chat.start();
  await wire.open();
  await settled();
  const joining = chat.join(room('den', { lastSeq: 4 }));
  await wire.last('join_room').answer(answer(4, []));
  await joining;
  arrive([]);
  await started;
  expect(chat.rooms.get('den')).toBeDefined();
});

test('6: when its user signs in again over the room, the list of rooms goes on', async () => {
  await inTheDen();
  chat.stop();
  chat.settings.pin('attic', true);
  rooms = [room('den', { lastSeq: 4 }), room('attic')];
  await chat.start();
  await wire.open();
  expect(chat.order.sections.map(({ roomIds }) => roomIds)).toEqual([['attic'], [], ['den'], []]);
  chat.settings.pin('attic', false);
  expect(chat.order.sections.map(({ roomIds }) => roomIds)).toEqual([[], [], ['attic', 'den'], []]);
});

test('the rooms that were open are remembered, the latest first', async () => {
  await inTheDen();
  await chat.open('garden');
  await chat.open(undefined);
  await chat.open('den');
  expect(chat.visited).toEqual(['den', 'garden']);
});

test('a room the server will not let us follow is gone from the list', async () => {
  await chat.start();
  await wire.open();
  await wire.last('resume').answer({ rooms: [{ roomId: 'den', error: { code: 'not_found', message: '' } }] });
  expect(chat.rooms.get('den')).toBeUndefined();
});

test('a refusal from before the room was ours again does not take it away', async () => {
  await chat.start();
  await wire.open();
  const before = wire.last('resume');
  await wire.tell({ name: 'room_added', payload: { room: room('den', { lastSeq: 9 }) } });
  await before.answer({ rooms: [{ roomId: 'den', error: { code: 'not_found', message: '' } }] });
  expect(chat.rooms.get('den')).toBeDefined();
  expect(wire.last('resume')).not.toBe(before);
  await wire.last('resume').answer({ rooms: [answer(9, messages(5, 9).map(received))] });
  expect(chat.timeline('den').lastSeq).toBe(9);
});

test('people come and go', async () => {
  await inTheDen();
  expect(chat.people.member('den', bo.id)?.here).toBe(true);
  await wire.tell({ name: 'user_left', payload: { roomId: 'den', user: bo, at: '' } });
  expect(chat.people.member('den', bo.id)?.here).toBe(false);
  await live({ seq: 5, event: 'member_added', data: { roomId: 'den', seq: 5, member: member(cleo, true) } });
  expect(chat.people.members('den').map((one) => one.user.username)).toEqual(['ana', 'bo', 'cleo']);
  expect(chat.rooms.get('den')?.memberCount).toBe(3);
});

test('someone who follows a room is here, whatever the answer knew of it', async () => {
  await inTheDen();
  expect(chat.people.member('den', ana.id)?.here).toBe(true);
});

test('typing ends with the message', async () => {
  await inTheDen();
  await wire.tell({ name: 'user_typing', payload: { roomId: 'den', userId: bo.id } });
  expect(chat.typing.typists('den')).toEqual([bo.id]);
  await live(received(message(5)));
  expect(chat.typing.typists('den')).toEqual([]);
});

test('a revoked session ends everything and does not come back', async () => {
  await inTheDen();
  await wire.tell({ name: 'session_revoked', payload: {} });
  expect(ended).toHaveBeenCalledOnce();
  const { attempts } = wire;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(wire.attempts).toBe(attempts);
});

test('with more unread than a page holds, the room opens where reading stopped', async () => {
  const membership = { ...room('den').membership, unread: 90, lastReadSeq: 10, lastReadId: 'm10' };
  rooms = [room('den', { lastSeq: 100, membership: membership as NonNullable<Room['membership']> })];
  pages = (query) =>
    Promise.resolve(
      'around' in query ? page(8, 12, { lastSeq: 100, hasAfter: true }) : page(96, 100, { hasBefore: true }),
    );
  await chat.start();
  await wire.open();
  await chat.open('den');
  expect(shown()).toBe('8 9 10 11 12 | 96 97 98 99 100');
});

test('a page that could not be fetched says so and can be asked for again', async () => {
  await inTheDen();
  chat.timeline('den').trim('newest', 2);
  pages = () => Promise.reject(new Error('no network'));
  await chat.history.older('den');
  expect(chat.history.progress('den').failures.has('older')).toBe(true);
  pages = () => Promise.resolve(page(1, 2));
  await chat.history.older('den');
  expect(chat.history.progress('den').failures.size).toBe(0);
  expect(shown()).toBe('1 2 3 4');
});

/** Was here before, and read the den up to 4. */
async function wasInTheDen(): Promise<void> {
  await inTheDen();
  chat.stop();
  wire = new FakeWire();
  chat = visit();
}

test('a visit begins where the last one ended, before the server is asked, and while it is silent', async () => {
  await wasInTheDen();
  list = () => new Promise(() => {});
  pages = () => new Promise(() => {});
  await chat.recall('den');
  expect(chat.roomsKnown).toBe(true);
  expect(chat.rooms.get('den')?.lastSeq).toBe(4);
  expect(shown()).toBe('1 2 3 4');
  expect(wire.attempts).toBe(0);
  void chat.start();
  await settled();
  expect(shown()).toBe('1 2 3 4');
  expect(chat.open('den')).toBeUndefined();
});

test('a visit goes on from the last entry that was remembered', async () => {
  await wasInTheDen();
  rooms = [room('den', { lastSeq: 6 })];
  await chat.start();
  await wire.open();
  expect(wire.last('resume').payload).toEqual({ rooms: [{ roomId: 'den', since: 4, epoch: 'one' }] });
  await wire.last('resume').answer({ rooms: [answer(6, [received(message(5)), deleted(6, message(2))])] });
  expect(shown()).toBe('1 2 3 4 5');
  expect(chat.timeline('den').message('m2')?.content).toBe('');
});

test('what was deleted meanwhile is not remembered either', async () => {
  await wasInTheDen();
  await chat.start();
  await wire.open();
  await wire.last('resume').answer({ rooms: [answer(5, [deleted(5, message(2))])] });
  chat.save();
  expect(JSON.stringify(storage.memory.keptPages.get('den'))).not.toContain('message 2');
});

test('a room that was left elsewhere is neither shown nor joined again', async () => {
  await wasInTheDen();
  rooms = [room('attic', { lastSeq: 1 })];
  await chat.start();
  await wire.open();
  expect(chat.rooms.list.map((one) => one.id)).toEqual(['attic']);
  expect(wire.requests('resume').flatMap((asked) => asked.payload.rooms.map((one) => one.roomId))).toEqual([
    'attic',
  ]);
  expect([...storage.memory.kept.keys()]).not.toContain('den');
});

test('a room one is added to while the list of rooms is on its way stays', async () => {
  await wasInTheDen();
  let arrive = (_: Room[]) => {};
  list = () =>
    new Promise((resolve) => {
      arrive = resolve;
    });
  const started = chat.start();
  await wire.open();
  await settled();
  await wire.tell({ name: 'room_added', payload: { room: room('den', { lastSeq: 9 }) } });
  await wire.tell({ name: 'room_added', payload: { room: room('attic', { lastSeq: 9 }) } });
  arrive([]);
  await started;
  expect(chat.rooms.list.map((one) => one.id)).toEqual(['den', 'attic']);
});

test('while the list of rooms cannot be had, what is remembered stays, and the list is asked for again', async () => {
  await wasInTheDen();
  list = () => Promise.reject(new Error('busy'));
  await chat.start();
  await wire.open();
  expect(shown()).toBe('1 2 3 4');
  expect(wire.requests('resume')).toHaveLength(0);
  list = () => Promise.resolve(rooms);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(wire.requests('resume')).toHaveLength(1);
});

test('a direct room keeps its name from one visit to the next, and nobody is said to be there', async () => {
  rooms = [room('pair', { kind: 'direct', name: null })];
  await chat.start();
  await wire.open();
  const pair = {
    roomId: 'pair',
    room: rooms[0] as Room,
    lastSeq: 0,
    epoch: 'one',
    reset: false,
    changes: [],
  };
  await wire.last('resume').answer({ rooms: [{ ...pair, members: [member(ana), member(bo, true)] }] });
  chat.stop();
  wire = new FakeWire();
  chat = visit();
  list = () => new Promise(() => {});
  void chat.start();
  await settled();
  expect(chat.people.members('pair').map((one) => one.user.displayName)).toEqual(['Ana', 'Bo']);
  expect(chat.people.member('pair', bo.id)?.here).toBe(false);
  expect(chat.people.status(bo.id)).toBe('unknown');
});

test('coming back after the session ended takes up everything where it was', async () => {
  await inTheDen();
  chat.drafts.write('den', 'not yet');
  await wire.tell({ name: 'session_revoked', payload: {} });
  chat.send('den', 'into the dark');
  await chat.start();
  await wire.open();
  await wire.last('resume').answer({ rooms: [answer(5, [received(message(5))])] });
  expect(shown()).toBe('1 2 3 4 5');
  expect(chat.drafts.get('den')).toBe('not yet');
  expect(wire.last('send_message').payload.content).toBe('into the dark');
});

test('a message that another tab has sent leaves the outbox when it is in the log', async () => {
  const browser = new FakeBrowser();
  const other = browser.tab();
  chat = visit(browser);
  await inTheDen();
  const kept = { clientId: 'c', roomId: 'den', content: 'hello', createdAt: message(1).createdAt };
  await live(received(message(5, { author: ana, clientId: 'c', content: 'hello' })));
  other.tell({ name: 'message_kept', message: kept });
  expect(chat.outbox.pending('den')).toHaveLength(1);
  other.tell({ name: 'message_stored', roomId: 'den', clientId: 'c', seq: 5 });
  expect(chat.outbox.pending('den')).toHaveLength(0);
});
