import { expect, test } from 'vitest';
import { sample } from '../../tests/support/samples';
import { type FigureName, figures, levelOf, worst } from './levels';
import { type Moment, type Moments, together } from './moment';

const second = (about: Parameters<typeof sample>[1]): Moment =>
  together([{ nodeId: 'a', sample: sample(1, about) }]);

const figure = (moments: Moments, name: FigureName) => figures(moments).find((one) => one.name === name);

const clients = (websocket: number) => ({ connections: { websocket, polling: 0 } });

test('a limit that is reached is a warning, the next one an alarm', () => {
  expect([9, 10, 99, 100].map((value) => levelOf(value, [10, 100]))).toEqual([
    'calm',
    'warning',
    'warning',
    'alarm',
  ]);
  expect(worst(['calm', 'alarm', 'warning'])).toBe('alarm');
  expect(worst(['calm', 'warning'])).toBe('warning');
  expect(worst([])).toBe('calm');
});

test('what is not known is no number and raises no alarm', () => {
  for (const { value, level, line } of figures([undefined, undefined])) {
    expect({ value, level, line }).toEqual({ value: null, level: 'calm', line: [null, null] });
  }
});

test('rates are those of the last seconds, and skip what is not known', () => {
  const moments = [100, 100, 4, 4, 4, 4, 4].map((messages) => second({ messages }));
  expect(figure([...moments, undefined], 'messages')?.value).toBe(4);
});

test('a slow delivery in the last minute is told by a word, one of an hour ago is not', () => {
  const quick = second({ delivery: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100] });
  const slow = second({ delivery: [...Array<number>(20).fill(0), 100] });
  expect(figure([slow, ...Array<Moment>(30).fill(quick)], 'latency')?.level).toBe('warning');
  expect(figure([slow, ...Array<Moment>(60).fill(quick)], 'latency')?.level).toBe('calm');
});

test('one failed send in fifty is an alarm, none of none is nothing', () => {
  expect(figure([second({ messages: 49, failed: 1 })], 'errors')).toMatchObject({
    value: 0.02,
    level: 'alarm',
  });
  expect(figure([second({})], 'errors')).toMatchObject({ value: null, level: 'calm' });
});

test('a queue that stood full for one second is seen', () => {
  const moments = [second({ waiting: 5_000 }), second({}), second({})];
  expect(figure(moments, 'queue')).toMatchObject({ value: 5_000, level: 'alarm' });
});

test('connections that were lost within the minute are told, a few that left are not', () => {
  expect(figure([second(clients(100)), second(clients(60))], 'connections')?.level).toBe('warning');
  expect(figure([second(clients(100)), second(clients(20))], 'connections')?.level).toBe('alarm');
  expect(figure([second(clients(100)), second(clients(90))], 'connections')?.level).toBe('calm');
  expect(figure([second(clients(5)), second(clients(1))], 'connections')?.level).toBe('calm');
});

test('readers who fall behind are told', () => {
  expect(figure([second({ ...clients(100), behind: 30 })], 'deliveries')?.level).toBe('warning');
  expect(figure([second({ ...clients(100), behind: 3 })], 'deliveries')?.level).toBe('calm');
});
