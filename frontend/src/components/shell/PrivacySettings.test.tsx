import { act, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';
import { answerWith, refusal } from '../../../tests/support/answers';
import { ana } from '../../../tests/support/people';
import { showSignedIn } from '../../../tests/support/signedIn';
import { PrivacySettings } from './PrivacySettings';

afterEach(() => {
  vi.unstubAllGlobals();
});

const box = () => screen.getByRole('checkbox', { name: /Others see when you were last here/ });
const asked = () => vi.mocked(fetch).mock.calls.map(([path, how]) => [how?.method, path, how?.body]);

test('49: when one was last here is shown to others until one hides it, which the server is told', async () => {
  answerWith(200, ana);
  const { chat } = await showSignedIn(<PrivacySettings />);
  expect(box()).toBeChecked();
  answerWith(200, { ...ana, lastSeenVisible: false });
  await userEvent.click(box());
  expect(asked()).toEqual([['PATCH', '/api/users/me', '{"lastSeenVisible":false}']]);
  expect(box()).not.toBeChecked();
  expect(chat.me.lastSeenVisible).toBe(false);
});

test('49: what another device has hidden is known where one looks', async () => {
  answerWith(200, { ...ana, lastSeenVisible: false });
  await showSignedIn(<PrivacySettings />);
  expect(box()).not.toBeChecked();
});

test('49: what the server did not take is not shown as hidden, and an answer from before takes nothing back', async () => {
  answerWith(undefined);
  let answer: ((me: Response) => void) | undefined;
  vi.mocked(fetch).mockReturnValueOnce(new Promise((resolve) => (answer = resolve)));
  await showSignedIn(<PrivacySettings />);
  answerWith(503, refusal('unavailable'));
  await userEvent.click(box());
  expect(box()).toBeChecked();
  answerWith(200, { ...ana, lastSeenVisible: false });
  await userEvent.click(box());
  expect(box()).not.toBeChecked();
  await act(async () => answer?.(new Response(JSON.stringify(ana))));
  expect(box()).not.toBeChecked();
});
