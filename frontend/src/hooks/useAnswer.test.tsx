import { act, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { useAnswer } from './useAnswer';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const answers = new Map<string, (answer: string) => void>();
const ask = vi.fn((question: string) => new Promise<string>((resolve) => answers.set(question, resolve)));
const pause = () => act(() => vi.advanceTimersByTime(150));
const answer = (question: string) => act(async () => answers.get(question)?.(`about ${question}`));

test('what is typed is asked after a pause, and an answer that comes too late changes nothing', async () => {
  const { result, rerender } = renderHook(({ question }) => useAnswer(question, ask), {
    initialProps: { question: 'g' as string | undefined },
  });
  rerender({ question: 'ga' });
  pause();
  expect(ask).toHaveBeenCalledExactlyOnceWith('ga');
  await answer('ga');
  expect(result.current).toBe('about ga');

  rerender({ question: 'gar' });
  pause();
  rerender({ question: 'gard' });
  await answer('gar');
  expect(result.current).toBe('about ga');
  pause();
  await answer('gard');
  expect(result.current).toBe('about gard');

  rerender({ question: undefined });
  expect(result.current).toBeUndefined();
});
