import { beforeEach, expect, test } from 'vitest';
import { inTheDen } from '../../tests/support/den';
import { FakeWire } from '../../tests/support/fakeWire';
import {
  ana,
  bo,
  deleted,
  member,
  message,
  messages,
  page,
  received,
  room,
} from '../../tests/support/people';
import type { Change, JoinedRoom, MessagePage } from '../protocol';
import type { Chat } from './chat';
import type { PageQuery } from './history';

/** A public room of a hundred messages that Ana is no member of. */
const garden = room('garden', { lastSeq: 100, membership: null });
const grown = (seq: number) => message(seq, { roomId: 'garden' });
const joined: Change = {
  seq: 102,
  event: 'member_added',
  data: { roomId: 'garden', seq: 102, member: member(ana, true) },
};

let wire: FakeWire;
let chat: Chat;

beforeEach(async () => {
  wire = new FakeWire();
  chat = await inTheDen(wire, { api: { messages: (_, query) => Promise.resolve(pageOf(query)) } });
});

function pageOf(query: PageQuery): MessagePage {
  const [from, to] = 'before' in query ? [1, 50] : [51, 100];
  return page(from, to, {
    messages: messages(from, to).map((one) => ({ ...one, roomId: 'garden' })),
    lastSeq: 100,
  });
}

/** Ana has read back to the first message. */
async function visits(): Promise<void> {
  await chat.open('garden');
  await chat.history.older('garden');
  expect(shown()).toMatch(/^1 2 .* 100$/);
}

function answer(lastSeq: number, about: Partial<JoinedRoom>): JoinedRoom {
  return {
    room: room('garden', { lastSeq }),
    members: [member(ana), member(bo, true)],
    lastSeq,
    epoch: 'one',
    ...about,
  };
}

const shown = () =>
  chat
    .timeline('garden')
    .items.map((item) => (item.kind === 'gap' ? '|' : item.id.slice(1)))
    .join(' ');

test('what a visitor has read stays when they join, and goes on with what has happened since', async () => {
  await visits();
  const joining = chat.join(garden);
  expect(wire.last('join_room').payload).toEqual({ roomId: 'garden', since: 100 });
  const changes = [deleted(101, grown(3)), joined, received(grown(103))];
  await wire.last('join_room').answer(answer(103, { reset: false, changes }));
  await joining;
  expect(shown()).toMatch(/^1 2 3 .* 99 100 103$/);
  expect(chat.timeline('garden').message('m3')?.content).toBe('');
  await wire.tell({ name: 'message_received', payload: grown(104) });
  expect(shown()).toMatch(/ 103 104$/);
});

test('what a visitor has read stays when they join in another tab', async () => {
  await visits();
  await wire.tell({ name: 'room_added', payload: { room: room('garden', { lastSeq: 102 }) } });
  expect(shown()).toMatch(/^1 2 .* 100$/);
  expect(wire.last('resume').payload.rooms).toEqual([{ roomId: 'garden', since: 100 }]);
});

test('when too much has happened since a visitor read, joining starts from the newest page', async () => {
  await visits();
  const joining = chat.join(garden);
  const newest = { reset: true, messages: [grown(2_001), grown(2_002)], hasBefore: true };
  await wire.last('join_room').answer(answer(2_002, newest));
  await joining;
  expect(shown()).toBe('2001 2002');
  expect(chat.timeline('garden').reachesStart).toBe(false);
});

test('a room that nobody has looked into is joined with its newest page', async () => {
  const joining = chat.join(garden);
  expect(wire.last('join_room').payload).toEqual({ roomId: 'garden' });
  await wire.last('join_room').answer(answer(101, { messages: [grown(100)], hasBefore: true }));
  await joining;
  expect(shown()).toBe('100');
  expect(chat.timeline('garden').lastSeq).toBe(101);
});
