import { expect, test } from 'vitest';
import { Reading } from './reading';

test('50: a message is read when it has been in view for half a second', () => {
  const reading = new Reading();
  expect(reading.look([7, 8], 0)).toEqual({ upTo: undefined, againInMs: 500 });
  expect(reading.look([7, 8], 499)).toEqual({ upTo: undefined, againInMs: 1 });
  expect(reading.look([7, 8], 500)).toEqual({ upTo: 8, againInMs: undefined });
});

test('50: what flies past is not read', () => {
  const reading = new Reading();
  reading.look([1, 2], 0);
  reading.look([3, 4], 300);
  reading.look([5, 6], 600);
  expect(reading.look([6, 7], 1_100)).toEqual({ upTo: 6, againInMs: 500 });
});

test('50: half a second in two halves is not half a second', () => {
  const reading = new Reading();
  reading.look([1], 0);
  reading.look([], 400);
  expect(reading.look([1], 450).upTo).toBeUndefined();
  expect(reading.look([1], 900).upTo).toBeUndefined();
  expect(reading.look([1], 950).upTo).toBe(1);
});
