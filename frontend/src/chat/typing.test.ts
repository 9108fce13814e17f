import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Notices } from './notices';
import { Typing } from './typing';

const tell = vi.fn();
let typing: Typing;

beforeEach(() => {
  vi.useFakeTimers();
  tell.mockClear();
  typing = new Typing(tell, new Notices((flush) => flush()));
});

afterEach(() => vi.useRealTimers());

test('48: others are told at most every three seconds, however fast someone types', () => {
  for (let key = 0; key < 70; key += 1) {
    typing.typed('den');
    vi.advanceTimersByTime(100);
  }
  expect(tell.mock.calls).toEqual(Array(3).fill(['den', true]));
});

test('48: stopping is told once, and only if someone still believes it', () => {
  typing.stopped('den');
  expect(tell).not.toHaveBeenCalled();
  typing.typed('den');
  typing.stopped('den');
  typing.stopped('den');
  expect(tell.mock.calls).toEqual([
    ['den', true],
    ['den', false],
  ]);
  typing.typed('den');
  vi.advanceTimersByTime(5_000);
  typing.stopped('den');
  expect(tell).toHaveBeenCalledTimes(3);
});

test('48: someone who is not heard of again has stopped after five seconds', () => {
  typing.someoneTypes('den', 'bo');
  vi.advanceTimersByTime(4_000);
  typing.someoneTypes('den', 'bo');
  vi.advanceTimersByTime(4_999);
  expect(typing.typists('den')).toEqual(['bo']);
  vi.advanceTimersByTime(1);
  expect(typing.typists('den')).toEqual([]);
});

test('48: the list of typists is the same one until somebody begins or stops', () => {
  typing.someoneTypes('den', 'bo');
  expect(typing.typists('den')).toBe(typing.typists('den'));
  typing.someoneStops('den', 'bo');
  expect(typing.typists('den')).toEqual([]);
});
