import { expect, test, vi } from 'vitest';
import { FakeWire } from '../../tests/support/fakeWire';
import { node, sample } from '../../tests/support/samples';
import { StatsLine } from './statsLine';

const told = { nodes: [{ ...node('a'), sample: sample(1) }] };

test('the server tells for as long as somebody looks', async () => {
  const wire = new FakeWire();
  const line = new StatsLine(wire);
  await wire.open();
  const one = vi.fn();
  const leave = line.watch(one);
  const leaveToo = line.watch(() => {});
  expect(wire.requests('watch_stats')).toHaveLength(1);
  line.heard(told);
  expect(one).toHaveBeenCalledWith(told.nodes);
  leave();
  expect(wire.requests('unwatch_stats')).toHaveLength(0);
  leaveToo();
  expect(wire.requests('unwatch_stats')).toHaveLength(1);
});

test('a new connection is asked again, and one that nobody looks over is not', async () => {
  const wire = new FakeWire();
  const line = new StatsLine(wire);
  const leave = line.watch(() => {});
  expect(wire.requests('watch_stats')).toHaveLength(0);
  await wire.open();
  line.opened();
  expect(wire.requests('watch_stats')).toHaveLength(1);
  leave();
  line.opened();
  expect(wire.requests('watch_stats')).toHaveLength(1);
});
