import { expect, test } from 'vitest';
import { daysUntil, growthPerDay } from './growth';

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

test('of a few minutes nothing is said', () => {
  expect(growthPerDay([])).toBeNull();
  expect(growthPerDay([{ at: 0, bytes: 1 }])).toBeNull();
  expect(
    growthPerDay([
      { at: 0, bytes: 1 },
      { at: 300, bytes: 9 },
    ]),
  ).toBeNull();
});

test('a limit is reached after as many days as the growth needs, or never', () => {
  expect(daysUntil(1_000, 400, 100)).toBe(6);
  expect(daysUntil(1_000, 1_400, 100)).toBe(0);
  expect(daysUntil(1_000, 400, 0)).toBeNull();
  expect(daysUntil(1_000, 400, -5)).toBeNull();
  expect(daysUntil(1_000, 400, null)).toBeNull();
});
