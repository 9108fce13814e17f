import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { Failure } from '../../chat/failure';
import { LogInForm } from './LogInForm';

function show(onLogIn: (login: string, password: string) => Promise<void>) {
  render(<LogInForm onLogIn={onLogIn} />);
  return userEvent.setup();
}

test('3: what is missing is said beside each field, and in a summary that takes the focus', async () => {
  const onLogIn = vi.fn();
  const person = show(onLogIn);
  await person.click(screen.getByRole('button', { name: 'Sign in' }));
  expect(onLogIn).not.toHaveBeenCalled();
  expect(screen.getByRole('alert')).toHaveFocus();
  expect(screen.getByRole('alert')).toHaveTextContent('2 things to mend');
  expect(screen.getByLabelText('Username or email')).toHaveAccessibleDescription('Please fill this in.');
});

test('3: a wrong password and an unknown name read the same, and the name is kept', async () => {
  const person = show(() => Promise.reject(new Failure('unauthorized', 'no such account')));
  await person.type(screen.getByLabelText('Username or email'), 'ana');
  await person.type(screen.getByLabelText('Password'), 'wrong horse{Enter}');
  expect(await screen.findByRole('alert')).toHaveTextContent('do not match an account');
  expect(screen.getByLabelText('Username or email')).toHaveValue('ana');
});

test('4: a password manager finds what it looks for, and the password can be shown', async () => {
  const person = show(() => Promise.resolve());
  expect(screen.getByLabelText('Username or email')).toHaveAttribute('autocomplete', 'username');
  const password = screen.getByLabelText('Password');
  expect(password).toHaveAttribute('autocomplete', 'current-password');
  await person.click(screen.getByRole('button', { name: 'Show password' }));
  expect(password).toHaveAttribute('type', 'text');
});
