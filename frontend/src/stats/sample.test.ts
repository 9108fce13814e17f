import { expect, test } from 'vitest';
import { sample } from '../../tests/support/samples';
import { folded } from './sample';

test('two intervals make a longer one: counts are added, states are those of the end', () => {
  const first = sample(10, {
    messages: 3,
    connections: { websocket: 5, polling: 1 },
    cpuMs: 100,
    delivery: [1],
  });
  const second = sample(11, {
    messages: 4,
    connections: { websocket: 6, polling: 0 },
    cpuMs: 50,
    delivery: [0, 2],
  });
  expect(folded(first, second)).toMatchObject({
    at: 11,
    seconds: 2,
    messages: 7,
    connections: { websocket: 6, polling: 0 },
    cpuMs: 150,
    delivery: [1, 2],
  });
});

test('of a queue and of lateness the worst is kept', () => {
  const first = sample(10, { waiting: 90, lagUs: 7_000 });
  const second = sample(11, { waiting: 2, lagUs: 100 });
  expect(folded(first, second)).toMatchObject({ waiting: 90, lagUs: 7_000 });
});

test('a size that was not measured this time is as it was', () => {
  const store = { busy: 1, idle: 2, max: 3 };
  const measured = sample(10, { store: { ...store, bytes: 4_096 } });
  expect(folded(measured, sample(11, { store })).store.bytes).toBe(4_096);
});
