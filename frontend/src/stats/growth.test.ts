import { expect, test } from 'vitest';
import { growthPerDay, levelOfOutlook, outlookOf } from './growth';

const HOUR = 3_600;

test('growth is what a line through all measurements says of a day', () => {
  const sizes = [0, 1, 2, 3].map((hour) => ({ at: hour * HOUR, bytes: 1_000 + hour * 100 }));
  expect(growthPerDay(sizes)).toBeCloseTo(2_400);
});

test('a database that stays as it is grows by nothing, one that was emptied shrinks', () => {
  const size = (hour: number, bytes: number) => ({ at: hour * HOUR, bytes });
  expect(growthPerDay([size(0, 500), size(1, 500)])).toBe(0);
  expect(growthPerDay([size(0, 500), size(1, 400)])).toBeCloseTo(-2_400);
});

test('of less than an hour nothing is said', () => {
  expect(growthPerDay([])).toBeNull();
  expect(growthPerDay([{ at: 0, bytes: 1 }])).toBeNull();
  expect(
    growthPerDay([
      { at: 0, bytes: 1 },
      { at: HOUR - 1, bytes: 9 },
    ]),
  ).toBeNull();
});

test('a disk is full after as many days as what is free on it lasts', () => {
  expect(outlookOf(600, 100)).toEqual({ kind: 'full', days: 6 });
  expect(outlookOf(0, 100)).toEqual({ kind: 'full', days: 0 });
});

test('what does not grow fills nothing, and what grows by a little fills it in nobody’s time', () => {
  expect(outlookOf(600, 0)).toEqual({ kind: 'steady' });
  expect(outlookOf(600, -5)).toEqual({ kind: 'steady' });
  expect(outlookOf(1e12, 1_000)).toEqual({ kind: 'later' });
});

test('what is not known yet, or cannot be seen, is not foretold', () => {
  expect(outlookOf(600, null)).toEqual({ kind: 'unknown' });
  expect(outlookOf(undefined, 100)).toEqual({ kind: 'unknown' });
  expect(outlookOf(undefined, 0)).toEqual({ kind: 'steady' });
});

test('two weeks before the disk is full it is a warning, three days before an alarm', () => {
  const level = (days: number) => levelOfOutlook({ kind: 'full', days });
  expect([14, 13.9, 3, 2.9].map(level)).toEqual(['calm', 'warning', 'warning', 'alarm']);
  expect(levelOfOutlook({ kind: 'later' })).toBe('calm');
});
