import { act, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Failure } from '../chat/failure';
import { UnreachablePage } from './UnreachablePage';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test('67: a server that cannot be reached is asked again without a hand', () => {
  const retry = vi.fn();
  const failure = new Failure('disconnected', 'The server cannot be reached.');
  const { unmount } = render(<UnreachablePage failure={failure} onRetry={retry} />);
  expect(screen.getByRole('button', { name: 'Retry' })).toBeVisible();
  act(() => vi.advanceTimersByTime(5_000));
  expect(retry).toHaveBeenCalledOnce();
  unmount();
  act(() => vi.advanceTimersByTime(60_000));
  expect(retry).toHaveBeenCalledOnce();
});
