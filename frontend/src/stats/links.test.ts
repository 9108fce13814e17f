import { expect, test } from 'vitest';
import { sample } from '../../tests/support/samples';
import { linksOf } from './links';
import { type Moment, type OfNode, together } from './moment';

/** A node in one second, and how many words it heard of which others. */
function node(nodeId: string, heard: Record<string, number>): OfNode {
  const others = Object.entries(heard).map(([from, words]) => ({ nodeId: from, words, bytes: words * 100 }));
  return { nodeId, sample: sample(1, { heard: others }) };
}

const seconds = (count: number, ...nodes: OfNode[]): Moment[] => Array(count).fill(together(nodes));

test('what each node heard of each other is a link of its own', () => {
  const moments = seconds(5, node('a', { b: 2 }), node('b', { a: 7 }));
  expect(linksOf(moments, ['a', 'b'])).toEqual([
    { from: 'b', to: 'a', words: 2, bytes: 200, suspect: false },
    { from: 'a', to: 'b', words: 7, bytes: 700, suspect: false },
  ]);
});

test('a link over which nothing was heard for some seconds is suspect, in that direction alone', () => {
  const moments = seconds(5, node('a', { b: 2 }), node('b', {}));
  const suspect = linksOf(moments, ['a', 'b']).map((link) => [link.from, link.suspect]);
  expect(suspect).toEqual([
    ['b', false],
    ['a', true],
  ]);
});

test('a node that has only just come is not suspected', () => {
  const alone = seconds(4, node('a', {}));
  const both = seconds(1, node('a', {}), node('b', {}));
  expect(linksOf([...alone, ...both], ['a', 'b']).some(({ suspect }) => suspect)).toBe(false);
});

test('of a crowd a sample tells of some only, and nobody is suspected', () => {
  const others = Object.fromEntries(Array.from({ length: 16 }, (_, place) => [`n${place}`, 1]));
  const moments = seconds(5, node('a', others), node('b', others));
  expect(linksOf(moments, ['a', 'b']).some(({ suspect }) => suspect)).toBe(false);
});

test('a server that is alone has no links', () => {
  expect(linksOf(seconds(5, node('a', {})), ['a'])).toEqual([]);
});
