import { expect, test } from 'vitest';
import { emojiAtHand, withRecent } from './emoji';

test('30: the emoji used last come first, each once, and the usual ones after them', () => {
  expect(emojiAtHand([])[0]).toBe('👍');
  const recent = withRecent(withRecent([], '🦀'), '🎉');
  expect(emojiAtHand(recent)).toEqual(['🎉', '🦀', '👍', '❤️', '😂', '🙏', '👀', '✅']);
  expect(withRecent(recent, '🦀')).toEqual(['🦀', '🎉']);
});
