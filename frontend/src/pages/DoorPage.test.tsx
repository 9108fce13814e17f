import { Toast } from '@base-ui/react/toast';
import { Tooltip } from '@base-ui/react/tooltip';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { answerWith } from '../../tests/support/answers';
import { Session } from '../app/session';
import type { AtTheDoor } from '../protocol';
import { DoorPage } from './DoorPage';

function comeTo(path: string, door: AtTheDoor, session = new Session()) {
  history.replaceState(null, '', path);
  return render(
    <Tooltip.Provider>
      <Toast.Provider>
        <DoorPage session={session} expired={false} door={door} />
      </Toast.Provider>
    </Tooltip.Provider>,
  );
}

const heading = () => screen.getByRole('heading', { level: 1 });

test('1: without an owner every address leads to where one is made', () => {
  comeTo('/r/den', { hasOwner: false, registration: 'open' });
  expect(heading()).toHaveTextContent('Create the owner account');
  expect(location.pathname).toBe('/setup');
  expect(screen.queryByRole('link')).toBeNull();
});

test('1: with an owner there is nothing to set up', () => {
  comeTo('/setup', { hasOwner: true, registration: 'open' });
  expect(heading()).toHaveTextContent('This server has its owner.');
  expect(screen.queryByRole('textbox')).toBeNull();
  expect(screen.getByRole('link', { name: 'Sign in' })).toHaveAttribute('href', '/login');
});

test('1: whoever comes second to make the owner is told so, and makes no account unawares', async () => {
  const session = new Session();
  comeTo('/setup', { hasOwner: false, registration: 'open' }, session);
  const person = userEvent.setup();
  await person.type(screen.getByLabelText('Username'), 'bo');
  await person.type(screen.getByLabelText('Password'), 'correct horse battery');
  answerWith(200, { hasOwner: true, registration: 'open' });
  await person.click(screen.getByRole('button', { name: 'Create account' }));
  expect(fetch).toHaveBeenCalledTimes(1);
  expect(session.state()).toMatchObject({ phase: 'out', door: { hasOwner: true } });
  expect(location.pathname).toBe('/setup');
});

test('a server that takes no new accounts says so, and offers none', () => {
  const closed = { hasOwner: true, registration: 'closed' } as const;
  const { unmount } = comeTo('/login', closed);
  expect(screen.queryByRole('link', { name: 'Create account' })).toBeNull();
  unmount();
  comeTo('/register', closed);
  expect(heading()).toHaveTextContent('This server takes no new accounts.');
});
