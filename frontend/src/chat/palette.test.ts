import { expect, test } from 'vitest';
import { match } from './fuzzy';
import { type Choice, offers } from './palette';

const choice = (name: string, about: Partial<Choice> = {}): Choice => ({
  id: name,
  name,
  ...about,
});
const found = (letters: string, ...names: string[]) =>
  offers(
    letters,
    names.map((name) => choice(name)),
  ).map((one) => one.choice.name);

test('54: letters in order find a name, and others do not', () => {
  expect(match('rls', 'release')?.at).toEqual([0, 2, 5]);
  expect(match('slr', 'release')).toBeUndefined();
});

test('54: beginnings of words and letters in a row come first', () => {
  expect(found('dr', 'cedar', 'design review', 'hundred')).toEqual(['design review', 'hundred', 'cedar']);
  expect(found('gar', 'big-art', 'garden', 'oregano bar')[0]).toBe('garden');
});

test('54: accents, capitals and spaces make no difference', () => {
  expect(found('cafe', 'Café Ünal')).toEqual(['Café Ünal']);
  expect(found('UNAL', 'Café Ünal')).toEqual(['Café Ünal']);
  expect(found('des rev', 'design review')).toEqual(['design review']);
});

test('54: the letters that were meant are told, also behind an emoji', () => {
  expect(match('gar', '🌿 garden')?.at).toEqual([2, 3, 4]);
});

test('54: what is said beside a name finds it too, after what is called so', () => {
  const choices = [choice('Ana Ruiz', { aside: 'bo.fan' }), choice('Bo Lind', { aside: 'bo' })];
  expect(offers('bo', choices).map((one) => one.choice.name)).toEqual(['Bo Lind', 'Ana Ruiz']);
});

test('54: before anything is typed, and among equals, the given order counts', () => {
  const names = ['b', 'a', 'c'];
  expect(found('', ...names)).toEqual(names);
  expect(
    offers('x', [choice('x', { id: '2' }), choice('x', { id: '1' })]).map((one) => one.choice.id),
  ).toEqual(['2', '1']);
});

test('12: a thousand rooms are searched and a screenful is offered', () => {
  const names = Array.from({ length: 1_000 }, (_, index) => `room ${index}`);
  expect(found('room 99', ...names)[0]).toBe('room 99');
  expect(found('room', ...names)).toHaveLength(50);
});
