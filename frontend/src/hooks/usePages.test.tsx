import { act, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { usePages } from './usePages';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test('the next page is that of what was asked last, and comes once', async () => {
  const fetch = vi.fn(async (question: string, cursor = '0') => ({
    items: [`${question} ${cursor}`],
    nextCursor: cursor < '2' ? String(Number(cursor) + 1) : null,
  }));
  const { result, rerender } = renderHook(
    ({ question }) => usePages(question, (cursor) => fetch(question, cursor)),
    { initialProps: { question: 'all' } },
  );
  const pause = () => act(() => vi.advanceTimersByTimeAsync(150));
  const more = () => act(async () => result.current.more());
  await pause();
  await act(async () => {
    result.current.more();
    result.current.more();
  });
  expect(result.current.items).toEqual(['all 0', 'all 1']);

  // Until the other question is answered, the end of the first answer is not its end.
  rerender({ question: 'new' });
  expect(result.current.items).toEqual(['all 0', 'all 1']);
  await more();
  expect(result.current.items).toEqual(['all 0', 'all 1']);
  await pause();
  expect(result.current.items).toEqual(['new 0']);
  await more();
  await more();
  expect(result.current.items).toEqual(['new 0', 'new 1', 'new 2']);
  expect(result.current.hasMore).toBe(false);
});

test('what failed for another question is asked again for that', async () => {
  let fails = false;
  const fetch = async (question: string) => {
    if (fails) throw new Error('away');
    return { items: [question], nextCursor: 'more' };
  };
  const { result, rerender } = renderHook(({ question }) => usePages(question, () => fetch(question)), {
    initialProps: { question: 'all' },
  });
  const pause = () => act(() => vi.advanceTimersByTimeAsync(150));
  await pause();
  fails = true;
  rerender({ question: 'new' });
  await pause();
  expect(result.current.failure).toBeDefined();
  expect(result.current.items).toEqual(['all']);
  fails = false;
  act(() => result.current.retry());
  await pause();
  expect(result.current.failure).toBeUndefined();
  expect(result.current.items).toEqual(['new']);
});
