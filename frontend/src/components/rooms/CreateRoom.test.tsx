import { act, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { bo, room } from '../../../tests/support/people';
import { showSignedIn } from '../../../tests/support/signedIn';
import CreateRoom from './CreateRoom';

interface Asked {
  method: string;
  path: string;
  body: unknown;
}

let asked: Asked[];

/** A server with one public room, the garden, and one other person, Bo. */
beforeEach(() => {
  asked = [];
  vi.stubGlobal('fetch', async (path: string, { method = 'GET', body }: RequestInit) => {
    asked.push({ method, path, body: typeof body === 'string' ? JSON.parse(body) : undefined });
    const answer = path.startsWith('/api/users')
      ? { users: [bo] }
      : method === 'POST'
        ? room('made', { name: 'made' })
        : { rooms: path.includes('q=garden') ? [room('garden', { name: 'Garden' })] : [] };
    return new Response(JSON.stringify(answer), { headers: { 'content-type': 'application/json' } });
  });
});

const posts = () => asked.filter(({ method }) => method === 'POST');

test('15: a name that is taken is said while typing, and may be taken all the same', async () => {
  await showSignedIn(<CreateRoom open onClose={() => {}} />);
  const person = userEvent.setup();
  const name = screen.getByRole('textbox', { name: 'Name' });
  await person.type(name, 'garden');
  expect(await screen.findByText(/already/)).toBeVisible();
  expect(name).toHaveAccessibleDescription(/already/);
  await person.type(name, 'er');
  expect(screen.queryByText(/already/)).not.toBeInTheDocument();
});

test('15: a room without a name is not made, and the field says why', async () => {
  await showSignedIn(<CreateRoom open onClose={() => {}} />);
  const person = userEvent.setup();
  await person.type(screen.getByRole('textbox', { name: 'Name' }), '   ');
  await person.click(screen.getByRole('button', { name: 'Create room' }));
  expect(screen.getByRole('textbox', { name: 'Name' })).toBeInvalid();
  expect(posts()).toEqual([]);
});

test('15: public and private are explained in a line each', async () => {
  await showSignedIn(<CreateRoom open onClose={() => {}} />);
  expect(
    screen.getByRole('radio', { name: /^Public ?Everyone here can find, read and join it/ }),
  ).toBeChecked();
  expect(screen.getByRole('radio', { name: /^Private ?Only people who are added can see it/ })).toBeVisible();
});

test('15: people are invited in the same dialog', async () => {
  const closed = vi.fn();
  const { chat } = await showSignedIn(<CreateRoom open onClose={closed} />);
  const person = userEvent.setup();
  await person.type(screen.getByRole('textbox', { name: 'Name' }), 'made');
  await person.click(screen.getByRole('radio', { name: /Private/ }));
  await person.type(screen.getByRole('searchbox', { name: 'Invite people' }), 'bo');
  await screen.findByRole('button', { name: /Bo/ });
  await person.keyboard('{Enter}');
  expect(posts()).toEqual([]);
  await act(() => person.click(screen.getByRole('button', { name: 'Create room' })));
  await waitFor(() => expect(posts()).toHaveLength(2));
  expect(posts()).toEqual([
    { method: 'POST', path: '/api/rooms', body: { name: 'made', kind: 'private' } },
    { method: 'POST', path: '/api/rooms/made/members', body: { userIds: [bo.id] } },
  ]);
  expect(closed).toHaveBeenCalled();
  expect(chat.rooms.get('made')).toBeDefined();
});
