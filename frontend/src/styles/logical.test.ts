import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SOURCE = fileURLToPath(new URL('..', import.meta.url));
const PHYSICAL = /^\s*(?:left|right|float|clear|[\w-]+-(?:left|right)(?:-[\w]+)?)\s*:/;
const ALIGNED = /^\s*(?:text-align|justify-\w+)\s*:\s*(?:left|right)\b/;
const FOUR_SIDES = /^\s*(?:margin|padding|inset)\s*:\s*(\S+) (\S+) (\S+) (\S+);/;

/** What speaks of left and right, and so would stay where it is when text runs the other way. */
function physical(line: string): boolean {
  // A device has a left and a right.
  if (line.includes('safe-area-inset-left')) return false;
  const [, , right, , left] = FOUR_SIDES.exec(line) ?? [];
  return PHYSICAL.test(line) || ALIGNED.test(line) || right !== left;
}

test('66: no style speaks of left and right', () => {
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' });
  const found = files
    .filter((file) => file.endsWith('.css'))
    .flatMap((file) =>
      readFileSync(`${SOURCE}/${file}`, 'utf8')
        .split('\n')
        .filter(physical)
        .map((line) => `${file}: ${line.trim()}`),
    );
  expect(found).toEqual([]);
});

test('66: a style that does would be found', () => {
  const planted = ['  margin-left: 1rem;', '  right: 0;', '  text-align: left;', '  padding: 0 1px 0 2px;'];
  expect(planted.filter(physical)).toEqual(planted);
  const sound = ['  margin-inline: 1rem 0;', '  padding: 0 1px 2px;', '  text-align: start;', '  inset: 0;'];
  expect(sound.filter(physical)).toEqual([]);
});
