import { expect, test } from 'vitest';
import { coloured, colouredBefore } from './highlight';

test('32: code has its colours, and is the same code', async () => {
  const code = 'let a = "b"; // why\n';
  const tones = (await coloured('ts', code)) ?? [];
  expect(tones.map(({ text }) => text).join('')).toBe(code);
  expect(tones).toContainEqual({ text: 'let', tone: 'keyword' });
  expect(tones).toContainEqual({ text: '"b"', tone: 'string' });
  expect(tones).toContainEqual({ text: '// why', tone: 'comment' });
});

test('32: what was coloured once is there at once the next time', async () => {
  expect(colouredBefore('rust', 'fn main() {}')).toBeUndefined();
  const tones = await coloured('rust', 'fn main() {}');
  expect(colouredBefore('rust', 'fn main() {}')).toBe(tones);
});

test.each([
  'bash',
  'sh',
  'c',
  'c++',
  'cs',
  'css',
  'diff',
  'go',
  'toml',
  'java',
  'js',
  'json',
  'kotlin',
  'php',
  'py',
  'rb',
  'rs',
  'sql',
  'ts',
  'html',
  'yml',
])('32: %s is coloured', async (language) => {
  expect(await coloured(language, 'a = 1')).toBeDefined();
});

test('32: a language that nobody knows has no colours, and neither has a very long text', async () => {
  expect(await coloured('klingon', 'Qapla')).toBeUndefined();
  expect(await coloured('', 'let a')).toBeUndefined();
  expect(await coloured('ts', 'a'.repeat(10_001))).toBeUndefined();
});
