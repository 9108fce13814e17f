import { act, fireEvent, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { showSignedIn } from '../../../tests/support/signedIn';
import { ConnectionBar } from './ConnectionBar';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

test('51: a break that heals within two seconds is not worth a word', async () => {
  const { wire } = await showSignedIn(<ConnectionBar />);
  await act(() => wire.break());
  await pass(1_900);
  expect(screen.getByRole('status')).toBeEmptyDOMElement();
  await act(() => wire.open());
  await pass(5_000);
  expect(screen.getByRole('status')).toBeEmptyDOMElement();
});

test('51: a longer break says when it is tried again, can be tried at once, and is over when it is over', async () => {
  const { wire } = await showSignedIn(<ConnectionBar />);
  await act(() => wire.break());
  for (let time = 0; time < 4; time += 1) {
    await pass(1_000);
    await act(() => wire.refuse('unavailable'));
  }
  await pass(500);
  expect(screen.getByRole('status')).toHaveTextContent(/Trying again in \d+ s/);
  const { attempts } = wire;
  fireEvent.click(screen.getByRole('button', { name: 'Retry now' }));
  expect(wire.attempts).toBe(attempts + 1);
  await act(() => wire.open());
  expect(screen.getByRole('status')).toBeEmptyDOMElement();
});
