import { expect, test } from 'vitest';
import { RANGES, STEPS, stepsOf } from './ranges';

test('the whole is told in the steps that were chosen for it', () => {
  for (const range of RANGES) {
    const { seconds, coarse, row } = STEPS[range];
    expect(stepsOf(range, seconds)).toEqual({ coarse, row });
  }
});

test('a part is told in finer steps, and in none finer than there are', () => {
  expect(stepsOf('live', 450)).toEqual({ coarse: 5, row: 30 });
  expect(stepsOf('live', 10)).toEqual({ coarse: 1, row: 1 });
  expect(stepsOf('month', 86_400)).toEqual({ coarse: 1_800, row: 3_600 });
});
