/** The operator’s page itself does not come: nothing else of it can be tested with that. */
import { act, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { owner } from '../../tests/support/operator';
import { showSignedIn } from '../../tests/support/signedIn';
import { Failure } from '../chat/failure';
import { startAnew } from '../services/anew';
import { OperatorDoor } from './OperatorDoor';

vi.mock('./OperatorPage', () => {
  throw new Error('the server was killed in between');
});
vi.mock('../services/anew', () => ({ startAnew: vi.fn() }));

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
});

afterEach(() => {
  vi.useRealTimers();
});

test('67: a page of which a part did not come begins anew by itself, once the server is there', async () => {
  vi.mocked(startAnew).mockRejectedValue(new Failure('disconnected', 'nobody answers'));
  await showSignedIn(<OperatorDoor />, owner);
  expect(await screen.findByRole('alert')).toHaveTextContent('A part of this page did not arrive.');
  expect(screen.getByRole('button', { name: 'Retry' })).toBeVisible();
  expect(startAnew).not.toHaveBeenCalled();
  await act(() => vi.advanceTimersByTimeAsync(5_000));
  expect(startAnew).toHaveBeenCalledOnce();
  await act(() => vi.advanceTimersByTimeAsync(5_000));
  expect(startAnew).toHaveBeenCalledTimes(2);
});
