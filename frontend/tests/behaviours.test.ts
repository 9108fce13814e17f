/** Holds `docs/interface.md` to the tests it names, and the tests to it. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BEHAVIOURS = 68;
const ROW = /^\| (\d+) \| [^|]+ \| ([^|]+) \|$/gm;
const TITLE = /\btest\(\s*['"`](\d+(?:, \d+)*): /g;

/** What the page says holds each behaviour. */
function promised(): string[] {
  const page = readFileSync(new URL('../../docs/interface.md', import.meta.url), 'utf8');
  return [...page.matchAll(ROW)].flatMap(([, number, held = '']) => {
    const files = [...held.matchAll(/`([^`]+)`/g)].map(([, file]) => `${number} ${file}`);
    // One that nothing holds has to say what it waits for.
    return files.length > 0 || held.startsWith('waits: ') ? files : [`${number} nothing`];
  });
}

/** What the titles of the tests say. */
function kept(): string[] {
  const files = ['src', 'tests'].flatMap((folder) =>
    readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(test|spec)\.tsx?$/.test(file))
      .map((file) => `${folder}/${file}`),
  );
  return files.flatMap((file) => {
    const titles = readFileSync(`${ROOT}${file}`, 'utf8').matchAll(TITLE);
    return [...titles].flatMap(([, numbers = '']) =>
      numbers.split(', ').map((number) => `${number} ${file}`),
    );
  });
}

test('each behaviour is held by the tests that its page names, or waits and says for what', () => {
  expect(promised().sort()).toEqual([...new Set(kept())].sort());
});

test('the page speaks of all of them', () => {
  const page = readFileSync(new URL('../../docs/interface.md', import.meta.url), 'utf8');
  const numbers = [...page.matchAll(ROW)].map(([, number]) => Number(number));
  expect(numbers).toEqual(Array.from({ length: BEHAVIOURS }, (_, index) => index + 1));
});
