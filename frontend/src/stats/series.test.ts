import { expect, test } from 'vitest';
import { node, sample, seconds } from '../../tests/support/samples';
import { Series } from './series';

/** Messages a second in each column, with `null` where nothing is known. */
const rates = (series: Series): (number | null)[] =>
  series.moments.map((moment) => moment?.perSecond.messages ?? null);

test('a second that is missing is a gap, not a zero', () => {
  const series = new Series(1, 5);
  series.add(node('a'), [...seconds(1, 2, { messages: 4 }), ...seconds(4, 5, { messages: 4 })]);
  expect(series.times).toEqual([1, 2, 3, 4, 5]);
  expect(rates(series)).toEqual([4, 4, null, 4, 4]);
});

test('a second in which nothing happened is a zero', () => {
  const series = new Series(1, 3);
  series.add(node('a'), [sample(1, { messages: 4 }), sample(2), sample(3, { messages: 4 })]);
  expect(rates(series)).toEqual([4, 0, 4]);
});

test('while one of two nodes has not told, the sum of both is not known', () => {
  const series = new Series(1, 4);
  series.add(node('a'), seconds(1, 4, { messages: 2 }));
  series.add(node('b'), [...seconds(1, 2, { messages: 3 }), sample(4, { messages: 3 })]);
  expect(rates(series)).toEqual([5, 5, null, 5]);
});

test('what comes late fills its gap', () => {
  const series = new Series(1, 3);
  series.add(node('a'), seconds(1, 3, { messages: 2 }));
  series.add(node('b'), seconds(1, 2, { messages: 3 }));
  expect(rates(series)).toEqual([5, 5, null]);
  series.add(node('b'), [sample(3, { messages: 3 })]);
  expect(rates(series)).toEqual([5, 5, 5]);
});

test('a node that has been silent for some seconds has left, and the others are the sum', () => {
  const series = new Series(1, 10);
  series.add(node('b'), seconds(1, 2, { messages: 3 }));
  series.add(node('a'), seconds(1, 10, { messages: 2 }));
  expect(rates(series)).toEqual([5, 5, null, null, null, null, null, 2, 2, 2]);
});

test('a node that begins again under its name is not waited for', () => {
  const series = new Series(1, 4);
  series.add(node('a', 0), seconds(1, 2, { messages: 2 }));
  series.add(node('a', 3), [sample(4, { messages: 2 })]);
  expect(rates(series)).toEqual([2, 2, null, 2]);
  expect(series.lives.map(({ startedAt }) => startedAt)).toHaveLength(2);
});

test('what is told twice counts once', () => {
  const series = new Series(10, 20);
  series.add(node('a'), [sample(10, { seconds: 10, messages: 20 })]);
  series.add(node('a'), seconds(5, 12, { messages: 2 }));
  expect(rates(series)).toEqual([2, 2]);
  expect(series.moments.at(-1)?.nodes[0]?.sample).toMatchObject({ seconds: 2, messages: 4 });
});

test('what is older than the time shown is forgotten', () => {
  const series = new Series(1, 3);
  series.add(node('gone'), seconds(1, 2));
  series.add(node('a'), seconds(10, 14, { messages: 1 }));
  expect(series.times).toEqual([12, 13, 14]);
  expect(rates(series)).toEqual([1, 1, 1]);
  expect(series.lives.map(({ nodeId }) => nodeId)).toEqual(['a']);
});

test('nothing is known of nothing', () => {
  expect(new Series(1, 3).times).toEqual([]);
  expect(new Series(1, 3).moments).toEqual([]);
});
