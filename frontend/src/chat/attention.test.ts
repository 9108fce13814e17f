import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Attention } from './attention';

const tell = vi.fn();
let attention: Attention;

const MINUTE = 60_000;
const pass = (ms: number) => vi.advanceTimersByTime(ms);

beforeEach(() => {
  vi.useFakeTimers();
  tell.mockClear();
  attention = new Attention(true, tell);
});

afterEach(() => vi.useRealTimers());

test('49: somebody who does nothing for five minutes is away, and back with the first thing they do', () => {
  pass(5 * MINUTE - 1);
  expect(tell).not.toHaveBeenCalled();
  pass(1);
  expect(tell.mock.calls).toEqual([['away']]);
  attention.acted();
  expect(tell.mock.calls).toEqual([['away'], ['online']]);
});

test('49: whatever moves over the page starts the five minutes again', () => {
  pass(4 * MINUTE);
  attention.moved();
  pass(4 * MINUTE);
  expect(tell).not.toHaveBeenCalled();
  pass(MINUTE);
  expect(tell.mock.calls).toEqual([['away']]);
});

test('49: a page out of view for five minutes is one nobody is at', () => {
  pass(4 * MINUTE);
  attention.hidden();
  pass(5 * MINUTE - 1);
  expect(tell).not.toHaveBeenCalled();
  pass(1);
  expect(tell.mock.calls).toEqual([['away']]);
});

test('49: a glance at the page tells nobody anything, and does not start the five minutes again', () => {
  attention.hidden();
  pass(4 * MINUTE);
  attention.shown();
  attention.moved();
  pass(4_999);
  attention.hidden();
  pass(MINUTE);
  expect(tell.mock.calls).toEqual([['away']]);
  attention.shown();
  pass(4_999);
  attention.hidden();
  pass(10 * MINUTE);
  expect(tell.mock.calls).toEqual([['away']]);
});

test('49: whoever stays for five seconds is back', () => {
  pass(5 * MINUTE);
  attention.hidden();
  attention.shown();
  pass(5_000);
  expect(tell.mock.calls).toEqual([['away'], ['online']]);
});

test('49: of somebody away, what merely moves counts after five seconds too', () => {
  pass(5 * MINUTE);
  attention.moved();
  pass(4_000);
  attention.moved();
  expect(tell).toHaveBeenCalledTimes(1);
  pass(1_000);
  expect(tell.mock.calls).toEqual([['away'], ['online']]);
});

test('49: nothing is told any more once it has stopped', () => {
  attention.stop();
  pass(10 * MINUTE);
  expect(tell).not.toHaveBeenCalled();
});
