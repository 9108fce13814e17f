import { expect, test, vi } from 'vitest';
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

test('23: what one person says within five minutes stands under one name', () => {
  expect(rows([at(1, 0), at(2, 4), at(3, 9), at(4, 10, { author: cleo })])).toEqual([
    'day',
    'm1',
    '+m2',
    'm3',
    'm4',
  ]);
});

test('23: a reply names its author again, since it looks back', () => {
  const reply = at(2, 1, { replyTo: { id: 'm1', seq: 1, author: bo, excerpt: '' } });
  expect(rows([at(1, 0), reply, at(3, 2)])).toEqual(['day', 'm1', 'm2', '+m3']);
});

test('24: each day begins with its name, and nothing is grouped across midnight', () => {
  const late = new Date(2026, 10, 19, 23, 59).toISOString();
  const early = new Date(2026, 10, 20, 0, 1).toISOString();
  expect(rows([message(1, { createdAt: late }), message(2, { createdAt: early })])).toEqual([
    'day',
    'm1',
    'day',
    'm2',
  ]);
});

test('16: the unread line stands above the first message of somebody else after the marker', () => {
  const said = [at(1, 0), at(2, 1, { author: ana }), at(3, 2), at(4, 3)];
  expect(rows(said, { unreadAfter: 1 })).toEqual(['day', 'm1', 'm2', 'unread', 'm3', '+m4']);
});

test('24: the unread line comes after the name of a new day', () => {
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

test('23: a gap breaks a group, and names the day again as another row', () => {
  const messages = [at(1, 0), at(9, 1)];
  const items: RowSource['items'] = [
    { kind: 'message', key: 'm1', id: 'm1' },
    { kind: 'gap', key: 'gap:m1', after: 'm1', before: 'm9' },
    { kind: 'message', key: 'm9', id: 'm9' },
  ];
  expect(rows(messages, { items })).toEqual(['day', 'm1', 'gap', 'day', 'm9']);
  const source = { items, pending: [], unreadAfter: undefined, me: ana.id };
  const keys = rowsOf({ ...source, message: (id) => messages.find((one) => one.id === id) });
  expect(new Set(keys.map(({ key }) => key)).size).toBe(5);
});

test('23: what the room itself says, and what follows it, is not grouped', () => {
  const system = at(2, 1, { kind: 'system' });
  expect(rows([at(1, 0), system, at(3, 2), at(4, 3)])).toEqual(['day', 'm1', 'm2', 'm3', '+m4']);
});

test('24: a day of 25 hours and one of 23 are a day each', () => {
  vi.stubEnv('TZ', 'Europe/Berlin');
  const at = (seq: number, moment: string) => message(seq, { createdAt: moment });
  // Clocks go back an hour on 25 October 2026, and forward on 29 March.
  expect(
    rows([
      at(1, '2026-10-24T21:59:00.000Z'),
      at(2, '2026-10-24T22:01:00.000Z'),
      at(3, '2026-10-25T22:59:00.000Z'),
      at(4, '2026-10-25T23:01:00.000Z'),
    ]),
  ).toEqual(['day', 'm1', 'day', 'm2', 'm3', 'day', 'm4']);
  expect(
    rows([
      at(1, '2026-03-28T22:59:00.000Z'),
      at(2, '2026-03-28T23:01:00.000Z'),
      at(3, '2026-03-29T21:59:00.000Z'),
      at(4, '2026-03-29T22:01:00.000Z'),
    ]),
  ).toEqual(['day', 'm1', 'day', 'm2', 'm3', 'day', 'm4']);
  vi.unstubAllEnvs();
});
