import { expect, test } from 'vitest';
import { openingIn } from './opening';

test('16: rooms open where reading stopped, unless the account says otherwise', () => {
  expect(openingIn({})).toBe('unread');
  expect(openingIn({ opensAt: 'newest' })).toBe('newest');
  expect(openingIn({ opensAt: 'newestKeepingUnread' })).toBe('newestKeepingUnread');
  expect(openingIn({ opensAt: 'a word of a newer client' })).toBe('unread');
  expect(openingIn(undefined)).toBe('unread');
});
