import { expect, test } from 'vitest';
import { ana, message, room, time } from '../../tests/support/people';
import type { Membership, Message, Room } from '../protocol';
import { isQuiet, loudnessOf } from './loudness';
import { DEFAULTS, type Preferences } from './settings';

const NOON = new Date(2026, 10, 19, 12, 0);
const me = ana.id;

interface Told {
  message?: Partial<Message>;
  room?: Partial<Room>;
  membership?: Partial<Membership>;
  wishes?: Partial<Preferences>;
  lookedAt?: string;
  now?: Date;
}

/** How loud something Bo said in the den just now is for Ana. */
function loudness({ now = NOON, lookedAt, ...about }: Told = {}) {
  const den = room('den', about.room);
  const membership = { ...(den.membership as Membership), ...about.membership };
  return loudnessOf(message(5, { createdAt: now.toISOString(), ...about.message }), {
    room: { ...den, membership },
    me,
    lookedAt,
    wishes: { ...DEFAULTS, ...about.wishes },
    now,
  });
}

const mention = { mentions: [me] };
const direct = { kind: 'direct' } as const;

test('59: a plain message is shown and not heard, a mention and a direct message are heard too', () => {
  expect(loudness()).toBe('shown');
  expect(loudness({ message: mention })).toBe('rung');
  expect(loudness({ message: { content: 'lunch, @all' } })).toBe('rung');
  expect(loudness({ room: direct })).toBe('rung');
});

test('59: the sound may be for every message, or never', () => {
  expect(loudness({ wishes: { sound: 'all' } })).toBe('rung');
  expect(loudness({ wishes: { sound: 'never' }, message: mention })).toBe('shown');
});

test('59: nobody is told of the room they look at, in whichever tab', () => {
  expect(loudness({ lookedAt: 'den', message: mention })).toBe('silent');
  expect(loudness({ lookedAt: 'garden', message: mention })).toBe('rung');
});

test('59: a room tells of all, of mentions or of nothing', () => {
  expect(loudness({ membership: { notify: 'mentions' } })).toBe('silent');
  expect(loudness({ membership: { notify: 'mentions' }, message: mention })).toBe('rung');
  expect(loudness({ membership: { notify: 'mentions' }, room: direct })).toBe('silent');
  expect(loudness({ membership: { notify: 'none' }, message: mention })).toBe('silent');
});

test('59: a muted room is silent until its time has come, even for a mention', () => {
  const until = (ms: number) => ({ mutedUntil: new Date(NOON.getTime() + ms).toISOString() });
  expect(loudness({ membership: until(1), message: mention })).toBe('silent');
  expect(loudness({ membership: until(0), message: mention })).toBe('rung');
});

test('59: one is not told of what one said oneself, of what is deleted, nor of who came and went', () => {
  expect(loudness({ message: { author: ana } })).toBe('silent');
  expect(loudness({ message: { ...mention, deletedAt: time(9) } })).toBe('silent');
  expect(loudness({ message: { ...mention, kind: 'system' } })).toBe('silent');
});

test('59: what was read elsewhere, or missed long ago, is no news', () => {
  expect(loudness({ membership: { lastReadSeq: 5 }, message: mention })).toBe('silent');
  const ago = (minutes: number) => ({
    ...mention,
    createdAt: new Date(NOON.getTime() - minutes * 60_000).toISOString(),
  });
  expect(loudness({ message: ago(5) })).toBe('rung');
  expect(loudness({ message: ago(5.1) })).toBe('silent');
});

test('59: within the hours of rest nothing is told', () => {
  const wishes = { quiet: true, quietFrom: '11:30', quietTo: '13:00' };
  expect(loudness({ wishes, message: mention })).toBe('silent');
  expect(loudness({ wishes: { ...wishes, quiet: false }, message: mention })).toBe('rung');
});

test('59: the hours of rest begin with their first minute, end before their last, and may go past midnight', () => {
  const at = (quietFrom: string, quietTo: string, hours: number, minutes: number) =>
    isQuiet({ quiet: true, quietFrom, quietTo }, new Date(2026, 10, 19, hours, minutes));
  expect([at('13:00', '14:00', 13, 0), at('13:00', '14:00', 13, 59)]).toEqual([true, true]);
  expect([at('13:00', '14:00', 12, 59), at('13:00', '14:00', 14, 0)]).toEqual([false, false]);
  expect([at('22:00', '07:00', 23, 0), at('22:00', '07:00', 6, 59)]).toEqual([true, true]);
  expect([at('22:00', '07:00', 21, 59), at('22:00', '07:00', 7, 0)]).toEqual([false, false]);
  // From an hour to the same hour is the whole day.
  expect(at('08:00', '08:00', 3, 0)).toBe(true);
});
