import { expect, test } from 'vitest';
import { sample } from '../../tests/support/samples';
import { connectionsOf, errorShare, grouped, type Moment, summed, together } from './moment';

const moment = (about: Parameters<typeof sample>[1]): Moment =>
  together([{ nodeId: 'a', sample: sample(1, about) }]);

test('nodes together: rates, states and buckets are added, and the one database counts once', () => {
  const store = { busy: 2, idle: 3, max: 10, bytes: 500 };
  const one = sample(10, {
    seconds: 10,
    messages: 50,
    connections: { websocket: 4, polling: 1 },
    delivery: [1],
    store,
  });
  const other = sample(10, {
    messages: 7,
    connections: { websocket: 2, polling: 0 },
    delivery: [0, 3],
    store,
  });
  const both = together([
    { nodeId: 'a', sample: one },
    { nodeId: 'b', sample: other },
  ]);
  expect(both.perSecond.messages).toBe(12);
  expect(connectionsOf(both)).toBe(7);
  expect(both.delivery).toEqual([1, 3]);
  expect(both.store).toEqual({ busy: 4, idle: 6, max: 20, bytes: 500 });
});

test('longer times begin where the clock says, and the newest ends now', () => {
  const moments = [moment({ messages: 9 }), moment({ messages: 2 }), moment({ messages: 4, waiting: 3 })];
  const longer = grouped({ times: [10, 11, 12], moments }, 10);
  expect(longer.times).toEqual([10, 12]);
  expect(longer.moments.map((one) => one?.perSecond.messages)).toEqual([9, 3]);
  expect(longer.moments[1]?.waiting).toBe(3);
});

test('of several times those that are not known are left out, and of none nothing is made', () => {
  expect(summed([moment({ messages: 2 }), undefined, moment({ messages: 4 })])?.perSecond.messages).toBe(3);
  expect(summed([undefined, undefined])).toBeUndefined();
  expect(grouped({ times: [1, 2], moments: [undefined, undefined] }, 10)).toEqual({
    times: [2],
    moments: [undefined],
  });
});

test('the share of sends that failed needs sends', () => {
  expect(errorShare(moment({ messages: 99, failed: 1 }))).toBeCloseTo(0.01);
  expect(errorShare(moment({ failed: 2 }))).toBe(1);
  expect(errorShare(moment({}))).toBeNull();
});
