import { expect, test } from 'vitest';
import { added, countIn, limitOf, percentile, populations } from './buckets';

/** So many at each place. */
const at = (places: Record<number, number>): number[] =>
  Array.from({ length: Math.max(...Object.keys(places).map(Number)) + 1 }, (_, place) => places[place] ?? 0);

test('what nodes counted is added place by place, however long each list is', () => {
  expect(added([1, 2, 3], [10])).toEqual([11, 2, 3]);
  expect(added([10], [1, 2, 3])).toEqual([11, 2, 3]);
  expect(added([], [])).toEqual([]);
  expect(countIn([1, 2, 3])).toBe(6);
});

test('a percentile of the sum is not the mean of the percentiles', () => {
  const fast = at({ 10: 99 });
  const slow = at({ 20: 1 });
  const both = percentile(added(fast, slow), 0.5);
  expect(both).toBeLessThanOrEqual(limitOf(10));
  expect(percentile(added(fast, slow), 0.995)).toBeGreaterThan(limitOf(19));
});

test('a percentile lies between the borders of its bucket', () => {
  const buckets = at({ 12: 100 });
  expect(percentile(buckets, 0.001)).toBeGreaterThan(limitOf(11));
  expect(percentile(buckets, 0.5)).toBeCloseTo(limitOf(11) * Math.SQRT2);
  expect(percentile(buckets, 1)).toBe(limitOf(12));
  expect(percentile(at({ 0: 4 }), 0.5)).toBe(0.0005);
});

test('where nothing was measured there is no percentile, not a zero', () => {
  expect(percentile([], 0.99)).toBeNull();
  expect(percentile([0, 0, 0], 0.99)).toBeNull();
});

test('two populations are seen apart when there is a valley between them', () => {
  const [memory, disk, ...none] = populations(at({ 9: 10, 10: 60, 11: 12, 16: 5, 17: 20, 18: 4 }));
  expect(memory).toBeCloseTo(limitOf(9) * Math.SQRT2);
  expect(disk).toBeCloseTo(limitOf(16) * Math.SQRT2);
  expect(none).toEqual([]);
});

test('a broad hump is one population, and a few strays are none', () => {
  expect(populations(at({ 9: 30, 10: 40, 11: 36, 12: 41, 13: 20 }))).toHaveLength(1);
  expect(populations(at({ 10: 400, 18: 3 }))).toHaveLength(1);
  expect(populations(at({ 10: 5, 18: 5 }))).toEqual([]);
});
