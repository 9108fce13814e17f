import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { owner, serve } from '../../../tests/support/operator';
import { time } from '../../../tests/support/people';
import { showSignedIn } from '../../../tests/support/signedIn';
import type { AdminRoom } from '../../protocol';
import { RoomTable } from './RoomTable';

beforeEach(() => history.replaceState(null, '', '/admin/rooms'));

const room = (id: string, about: Partial<AdminRoom> = {}): AdminRoom => ({
  id,
  kind: 'public',
  name: id,
  memberCount: 20,
  entries: 300,
  lastActivityAt: time(5),
  createdAt: time(0),
  ...about,
});

const { name: _, ...nameless } = room('two');

test('a room is shown by what it costs, a direct one without a name', async () => {
  serve({
    'GET /api/admin/rooms': () => ({
      rooms: [room('garden'), { ...nameless, kind: 'direct', memberCount: 2 }],
    }),
  });
  await showSignedIn(<RoomTable />, owner);
  const row = async (name: string) => (await screen.findByText(name)).closest('tr');
  expect(await row('garden')).toHaveTextContent(/Public garden203006,000/);
  expect(await row('Direct room')).toHaveTextContent(/Direct room2300600/);
});

test('the order is chosen at the head of a column and is in the address', async () => {
  const asked = serve({ 'GET /api/admin/rooms': () => ({ rooms: [room('garden')] }) });
  await showSignedIn(<RoomTable />, owner);
  const person = userEvent.setup();
  expect(await screen.findByRole('columnheader', { name: 'Cost' })).toHaveAttribute(
    'aria-sort',
    'descending',
  );
  await person.click(screen.getByRole('button', { name: 'Members' }));
  await waitFor(() => expect(asked.at(-1)?.query.get('sort')).toBe('members'));
  expect(location.search).toBe('?sort=members');
  expect(screen.getByRole('columnheader', { name: 'Members' })).toHaveAttribute('aria-sort', 'descending');
  expect(screen.getByRole('columnheader', { name: 'Cost' })).not.toHaveAttribute('aria-sort');
});
