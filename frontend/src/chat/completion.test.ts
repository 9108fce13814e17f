import { expect, test } from 'vitest';
import { inPlaceOf, wordAt } from './completion';
import { ranked } from './ranking';

/** The text up to the caret, which is written as a bar. */
const at = (written: string) => wordAt(written.replace('|', ''), written.indexOf('|'));

const person = (name: string, about: { near?: boolean; metAt?: number } = {}) => ({
  names: [name.toLowerCase(), name],
  near: about.near ?? true,
  metAt: about.metAt ?? 0,
});

const namesOf = (letters: string, ...candidates: ReturnType<typeof person>[]) =>
  ranked(letters, candidates).map((one) => one.names[1]);

test('44: a sign begins a word at the beginning of a text, after a space and after a bracket', () => {
  expect(at('@an|')).toEqual({ sign: '@', letters: 'an', from: 0, to: 3 });
  expect(at('ask @|')).toMatchObject({ sign: '@', letters: '', from: 4 });
  expect(at('(see #gar|')).toMatchObject({ sign: '#', letters: 'gar', from: 5 });
  expect(at('one\n:tad|')).toMatchObject({ sign: ':', letters: 'tad' });
  expect(at('@عمر|')).toMatchObject({ letters: 'عمر' });
});

test('44: a sign inside of an address, a number or a word begins nothing', () => {
  for (const written of [
    'bo@example|',
    'https://x.org/#an|',
    'https:|',
    '10:30|',
    'a:bc|',
    'C#|',
    '@@a|',
    'one /le|',
    '/etc/ho|',
  ])
    expect(at(written)).toBeUndefined();
});

test('44: a word that is over is not completed any more', () => {
  expect(at('@ana |')).toBeUndefined();
  expect(at('@ana, |')).toBeUndefined();
  expect(at('|@ana')).toBeUndefined();
});

test('44: a face is no emoji by name, nor is a pause', () => {
  for (const written of [':)|', ':D|', 'note: |', ':-|', '::|']) expect(at(written)).toBeUndefined();
  expect(at(':+1|')).toMatchObject({ letters: '+1' });
});

test('44: a slash counts at the very beginning, in small letters', () => {
  expect(at('/|')).toEqual({ sign: '/', letters: '', from: 0, to: 1 });
  expect(at('/le|')).toMatchObject({ sign: '/', letters: 'le' });
  expect(at(' /le|')).toBeUndefined();
  expect(at('/2|')).toBeUndefined();
});

test('44: with the caret inside of a word, all of it is replaced', () => {
  expect(at('@an|ton said')).toEqual({ sign: '@', letters: 'an', from: 0, to: 6 });
});

test('44: members of the room come before others, and who spoke last before those who did not', () => {
  const found = namesOf(
    'a',
    person('Abe', { near: false, metAt: 9 }),
    person('Ada'),
    person('Ana', { metAt: 3 }),
    person('Amy', { metAt: 7 }),
  );
  expect(found).toEqual(['Amy', 'Ana', 'Ada', 'Abe']);
});

test('44: what begins as was typed comes before what merely has the letters, whoever that is', () => {
  expect(namesOf('an', person('Jordan', { metAt: 9 }), person('Ana', { near: false }))).toEqual([
    'Ana',
    'Jordan',
  ]);
  expect(namesOf('ru', person('Bruno'), person('Ana Ruiz'))).toEqual(['Ana Ruiz', 'Bruno']);
});

test('44: accents and capitals make no difference, and what does not fit is not offered', () => {
  expect(namesOf('jose', person('José'), person('Joe'))).toEqual(['José']);
});

test('44: among equals the order of the caller stays', () => {
  expect(namesOf('', person('Cleo'), person('Bo'), person('Ana'))).toEqual(['Cleo', 'Bo', 'Ana']);
});

test('44: what was chosen is followed by one space', () => {
  const word = { sign: '@', letters: 'an', from: 0, to: 3 } as const;
  expect(inPlaceOf(word, '@an', '@ana')).toBe('@ana ');
  expect(inPlaceOf(word, '@an and you', '@ana')).toBe('@ana');
});
