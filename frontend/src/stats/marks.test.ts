import { expect, test } from 'vitest';
import { node } from '../../tests/support/samples';
import { marks } from './marks';

const life = (nodeId: string, startedAt: number, lastAt: number, version = '1.0.0') => ({
  ...node(nodeId, startedAt, version),
  lastAt,
});

test('a node that came is marked when it started, one that went when it was last heard of', () => {
  const lives = [life('a', 10, 100), life('b', 50, 80)];
  expect(marks(lives, 20, 100)).toEqual([
    { at: 50, kind: 'joined', nodeId: 'b', version: '1.0.0' },
    { at: 80, kind: 'left', nodeId: 'b', version: '1.0.0' },
  ]);
});

test('a node of another version than the one before it is an upgrade', () => {
  const lives = [life('b', 50, 100, '1.1.0'), life('a', 10, 100)];
  expect(marks(lives, 0, 100).map(({ kind }) => kind)).toEqual(['joined', 'upgraded']);
});

test('a node that came back under its name has not left', () => {
  const lives = [life('a', 10, 40), life('a', 45, 100, '1.1.0')];
  expect(marks(lives, 20, 100)).toEqual([{ at: 45, kind: 'upgraded', nodeId: 'a', version: '1.1.0' }]);
});

test('a node that was heard of a moment ago has not left yet', () => {
  expect(marks([life('a', 10, 97)], 20, 100)).toEqual([]);
});
