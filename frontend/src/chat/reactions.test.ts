import { expect, test } from 'vitest';
import { withoutReaction, withReaction, withWishes } from './reactions';

const thumbs = (count: number, ...userIds: string[]) => [{ emoji: '👍', count, userIds }];

test('reacting twice counts once', () => {
  expect(withReaction(thumbs(1, 'ana'), '👍', 'ana')).toEqual(thumbs(1, 'ana'));
});

test('the last one to take a reaction back takes it away', () => {
  expect(withoutReaction(thumbs(2, 'ana', 'bo'), '👍', 'bo')).toEqual(thumbs(1, 'ana'));
  expect(withoutReaction(thumbs(1, 'ana'), '👍', 'ana')).toEqual([]);
});

test('somebody who never reacted takes nothing back', () => {
  expect(withoutReaction(thumbs(1, 'ana'), '👍', 'bo')).toEqual(thumbs(1, 'ana'));
});

test('beyond the fifty who are named the count goes on', () => {
  const fifty = Array.from({ length: 50 }, (_, index) => `u${index}`);
  const [more] = withReaction(thumbs(50, ...fifty), '👍', 'ana');
  expect(more).toMatchObject({ count: 51 });
  expect(more?.userIds).toHaveLength(50);
  expect(withoutReaction(more ? [more] : [], '👍', 'ana')[0]?.count).toBe(50);
});

test('a wish is granted on screen before the server has spoken, and only once', () => {
  expect(withWishes(thumbs(1, 'bo'), new Map([['👍', true]]), 'ana')[0]?.count).toBe(2);
  expect(withWishes(thumbs(2, 'bo', 'ana'), new Map([['👍', true]]), 'ana')[0]?.count).toBe(2);
  expect(withWishes(thumbs(1, 'ana'), new Map([['👍', false]]), 'ana')).toEqual([]);
});
