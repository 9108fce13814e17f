import { expect, test } from 'vitest';
import { endOf } from './muting';

test('59: a room is muted for an hour, or until the next morning', () => {
  const evening = new Date(2026, 10, 30, 21, 40);
  expect(endOf('hour', evening)).toEqual(new Date(2026, 10, 30, 22, 40));
  expect(endOf('tomorrow', evening)).toEqual(new Date(2026, 11, 1, 8, 0));
});

test('59: after midnight, tomorrow is still the next day', () => {
  expect(endOf('tomorrow', new Date(2026, 10, 30, 0, 30))).toEqual(new Date(2026, 11, 1, 8, 0));
});
