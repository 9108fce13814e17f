import { expect, test } from 'vitest';
import { agoOf } from './ago';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test('49: how long somebody is gone is said in the largest unit that fits', () => {
  const gone = [MINUTE, 59 * MINUTE, HOUR, 47 * HOUR, 6 * DAY, 13 * DAY, 31 * DAY, 400 * DAY];
  expect(gone.map((ms) => agoOf(0, ms)).map((ago) => `${ago?.count} ${ago?.unit}`)).toEqual([
    '1 minute',
    '59 minute',
    '1 hour',
    '1 day',
    '6 day',
    '1 week',
    '1 month',
    '1 year',
  ]);
});

test('49: who left within this minute, or by another clock will leave, has just left', () => {
  expect(agoOf(0, 59_999)).toBeUndefined();
  expect(agoOf(5_000, 0)).toBeUndefined();
});
