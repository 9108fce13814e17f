import { expect, test } from 'vitest';
import { trendOf } from './trend';

const LEAST = 1;

const trend = (values: (number | null)[]) =>
  trendOf(
    values.map((_, place) => place * 10),
    values,
    LEAST,
  );

const flat = (value: number, count: number): number[] => Array<number>(count).fill(value);

test('a line that goes up and stays there rose, at the time it did', () => {
  expect(trend([...flat(38, 50), ...flat(210, 40)])).toEqual({ kind: 'rose', from: 38, to: 210, at: 500 });
});

test('a line that goes down and stays there fell', () => {
  expect(trend([...flat(210, 20), ...flat(38, 70)])).toEqual({ kind: 'fell', from: 210, to: 38, at: 200 });
});

test('noise around a step does not move the step', () => {
  const noise = (value: number, count: number) => flat(value, count).map((one, place) => one + (place % 3));
  expect(trend([...noise(40, 45), ...noise(200, 45)])).toMatchObject({ kind: 'rose', at: 450 });
});

test('a line that goes up and comes back at once had a peak', () => {
  expect(trend([...flat(40, 40), 900, ...flat(40, 40)])).toEqual({
    kind: 'peaked',
    peak: 900,
    about: 40,
    at: 400,
  });
});

test('what differs by less than anybody would mention is steady', () => {
  expect(trend([...flat(40, 40), ...flat(48, 40)])).toMatchObject({ kind: 'steady' });
  expect(trend([...flat(0.1, 40), ...flat(0.6, 40)])).toMatchObject({ kind: 'steady' });
  expect(trend(flat(0, 80))).toEqual({ kind: 'steady', about: 0 });
});

test('gaps are passed over', () => {
  expect(trend([...flat(38, 50), null, null, null, ...flat(210, 40)])).toMatchObject({
    kind: 'rose',
    at: 530,
  });
});

test('of nothing nothing is said, and of one number only itself', () => {
  expect(trend([])).toEqual({ kind: 'unknown' });
  expect(trend([null, null])).toEqual({ kind: 'unknown' });
  expect(trend([7])).toEqual({ kind: 'steady', about: 7 });
});
