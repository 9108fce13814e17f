import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { showSignedIn } from '../../../tests/support/signedIn';
import { Failure } from '../../chat/failure';
import SignInAgain from './SignInAgain';

async function show(onLogIn: (password: string) => Promise<void>) {
  const onSignOut = vi.fn(() => Promise.resolve());
  await showSignedIn(<SignInAgain onLogIn={onLogIn} onSignOut={onSignOut} />);
  const dialog = within(screen.getByRole('dialog', { name: 'Sign in again' }));
  return { dialog, onSignOut, person: userEvent.setup() };
}

test('6: only the password is asked for, and the focus is where it goes', async () => {
  const onLogIn = vi.fn(() => Promise.resolve());
  const { dialog, person } = await show(onLogIn);
  const password = dialog.getByLabelText('Password');
  await waitFor(() => expect(password).toHaveFocus());
  expect(password).toHaveAttribute('autocomplete', 'current-password');
  expect(dialog.getByText('Ana')).toBeVisible();
  await person.type(password, 'correct horse battery{Enter}');
  expect(onLogIn).toHaveBeenCalledWith('correct horse battery');
});

test('6: a wrong password is said in a summary that takes the focus', async () => {
  const { dialog, person } = await show(() => Promise.reject(new Failure('unauthorized', 'no')));
  await person.type(dialog.getByLabelText('Password'), 'wrong horse{Enter}');
  expect(await dialog.findByRole('alert')).toHaveTextContent('not the password of this account');
  expect(dialog.getByRole('alert')).toHaveFocus();
});

test('6: nothing but an answer closes it; somebody else signs out', async () => {
  const { dialog, person, onSignOut } = await show(() => Promise.resolve());
  await person.keyboard('{Escape}');
  expect(screen.getByRole('dialog')).toBeVisible();
  await person.click(dialog.getByRole('button', { name: 'Sign out of this browser' }));
  expect(onSignOut).toHaveBeenCalledOnce();
});
