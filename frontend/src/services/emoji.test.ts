import { expect, test } from 'vitest';
import { findEmoji, loadEmoji } from './emoji';

const first = async (letters: string) => (await findEmoji(letters))[0];

test('44: an emoji is found by the beginning of what stands between the colons', async () => {
  expect(await first('tada')).toEqual({ emoji: '🎉', name: 'party popper', shortcode: 'tada' });
  expect((await findEmoji('thumbs')).map(({ emoji }) => emoji)).toContain('👍');
});

test('44: it is shown by the name that fits the letters', async () => {
  expect(await first('thumbsu')).toMatchObject({ shortcode: 'thumbsup' });
  expect(await first('+1')).toMatchObject({ shortcode: '+1' });
});

test('44: it is found by what it means too, after those that are called so', async () => {
  const found = (await findEmoji('party')).map(({ shortcode }) => shortcode);
  expect(found).toContain('tada');
  expect(found[0]).toMatch(/^party/);
});

test('44: nothing is found by nothing', async () => {
  expect(await findEmoji('')).toEqual([]);
  expect(await findEmoji('  ')).toEqual([]);
  expect(await findEmoji('qqqq')).toEqual([]);
});

test('each emoji has a name to find it by', async () => {
  const known = await loadEmoji();
  expect(known.length).toBeGreaterThan(1_800);
  expect(known.filter(({ name, shortcode }) => name === '' || !/^[^\s:]+$/.test(shortcode))).toEqual([]);
  expect(new Set(known.map(({ emoji }) => emoji)).size).toBe(known.length);
});
