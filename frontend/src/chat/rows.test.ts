import { expect, test } from 'vitest';
import { ana, bo, cleo, message, time } from '../../tests/support/people';
import type { Message } from '../protocol';
import { type RowSource, rowsOf } from './rows';

function rows(messages: Message[], about: Partial<RowSource> = {}): string[] {
  const known = new Map(messages.map((one) => [one.id, one]));
  return rowsOf({
    items: messages.map(({ id }) => ({ kind: 'message', key: id, id })),
    message: (id) => known.get(id),
    pending: [],
    unreadAfter: undefined,
    me: ana.id,
    ...about,
  }).map((row) => {
    if (row.kind === 'message') return row.grouped ? `+${row.id}` : row.id;
    if (row.kind === 'pending') return row.grouped ? `+${row.key}` : row.key;
    return row.kind;
  });
}

const at = (seq: number, minutes: number, about: Partial<Message> = {}) =>
  message(seq, { createdAt: time(minutes), ...about });

test('what one person says within five minutes stands under one name', () => {
  expect(rows([at(1, 0), at(2, 4), at(3, 9), at(4, 10, { author: cleo })])).toEqual([
    'day',
    'm1',
    '+m2',
    'm3',
    'm4',
  ]);
});

test('a reply names its author again, since it looks back', () => {
  const reply = at(2, 1, { replyTo: { id: 'm1', seq: 1, author: bo, excerpt: '' } });
  expect(rows([at(1, 0), reply, at(3, 2)])).toEqual(['day', 'm1', 'm2', '+m3']);
});

test('each day begins with its name, and nothing is grouped across midnight', () => {
  const late = new Date(2026, 10, 19, 23, 59).toISOString();
  const early = new Date(2026, 10, 20, 0, 1).toISOString();
  expect(rows([message(1, { createdAt: late }), message(2, { createdAt: early })])).toEqual([
    'day',
    'm1',
    'day',
    'm2',
  ]);
});

test('the unread line stands above the first message of somebody else after the marker', () => {
  const said = [at(1, 0), at(2, 1, { author: ana }), at(3, 2), at(4, 3)];
  expect(rows(said, { unreadAfter: 1 })).toEqual(['day', 'm1', 'm2', 'unread', 'm3', '+m4']);
});

test('the unread line comes after the name of a new day', () => {
  expect(rows([at(1, 0), at(2, 3 * 24 * 60)], { unreadAfter: 1 })).toEqual([
    'day',
    'm1',
    'day',
    'unread',
    'm2',
  ]);
});

test('there is no unread line without anything unread', () => {
  expect(rows([at(1, 0), at(2, 1, { author: ana })], { unreadAfter: 1 })).toEqual(['day', 'm1', 'm2']);
});

test('what is on its way comes last and joins what its author said before', () => {
  const pending = [
    { clientId: 'c1', roomId: 'den', content: 'x', createdAt: time(1), state: 'sending' as const },
    { clientId: 'c2', roomId: 'den', content: 'y', createdAt: time(2), state: 'waiting' as const },
  ];
  expect(rows([at(1, 0, { author: ana })], { pending })).toEqual(['day', 'm1', '+c1', '+c2']);
});

test('a gap breaks a group', () => {
  const messages = [at(1, 0), at(9, 1)];
  const items: RowSource['items'] = [
    { kind: 'message', key: 'm1', id: 'm1' },
    { kind: 'gap', key: 'gap:m1', after: 'm1', before: 'm9' },
    { kind: 'message', key: 'm9', id: 'm9' },
  ];
  expect(rows(messages, { items })).toEqual(['day', 'm1', 'gap', 'day', 'm9']);
});
