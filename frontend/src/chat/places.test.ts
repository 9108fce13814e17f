import { expect, test } from 'vitest';
import { Places } from './places';

test('57: each entry of the history keeps the place one left it at', () => {
  const places = new Places();
  places.keep('one', { messageId: 'm5', top: 120 });
  places.keep('two', 'end');
  places.keep('one', { messageId: 'm7', top: -3 });
  expect(places.at('one')).toEqual({ messageId: 'm7', top: -3 });
  expect(places.at('two')).toBe('end');
  expect(places.at('three')).toBeUndefined();
});

test('places long ago are forgotten, the ones visited last are not', () => {
  const places = new Places();
  for (let entry = 0; entry < 1_000; entry += 1) {
    places.keep('kept', 'end');
    places.keep(`${entry}`, 'end');
  }
  expect(places.at('kept')).toBe('end');
  expect(places.at('999')).toBe('end');
  expect(places.at('1')).toBeUndefined();
});
