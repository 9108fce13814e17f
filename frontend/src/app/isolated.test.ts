import { expect, test } from 'vitest';
import { isolated, partsOf } from './isolated';
import { strings } from './strings';

test('66: a name in a sentence is a part of its own', () => {
  expect(partsOf(strings.messages.typing(['سلمى', 'Bo (2)']))).toEqual([
    { text: 'سلمى', isolated: true },
    { text: ' and ', isolated: false },
    { text: 'Bo (2)', isolated: true },
    { text: ' are typing', isolated: false },
  ]);
});

test('a sentence without names, or with half a mark, is one part', () => {
  expect(partsOf('Nothing new')).toEqual([{ text: 'Nothing new', isolated: false }]);
  expect(partsOf(isolated('Ana').slice(0, -1))).toHaveLength(1);
  expect(partsOf('')).toEqual([]);
});
