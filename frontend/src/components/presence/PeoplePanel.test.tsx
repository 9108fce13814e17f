import { act, screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { bo, cleo, member, room, user } from '../../../tests/support/people';
import { showSignedIn } from '../../../tests/support/signedIn';
import { PeoplePanel } from './PeoplePanel';

const NOW = Date.UTC(2026, 10, 19, 18, 0);

test('49: presence has a shape and a word, and of who is gone it is said since when', async () => {
  vi.spyOn(Date, 'now').mockReturnValue(NOW);
  const { chat } = await showSignedIn(<PeoplePanel room={room('den')} onClose={() => {}} />);
  const seen = (minutes: number) => ({ lastSeenAt: new Date(NOW - minutes * 60_000).toISOString() });
  await act(async () => {
    chat.people.putMembers(
      'den',
      [bo, cleo, user('dan'), user('eve'), { ...user('fay'), ...seen(30) }].map((one) => member(one)),
    );
    chat.people.setPresence({ userId: bo.id, status: 'online' });
    chat.people.setPresence({ userId: cleo.id, status: 'away', ...seen(7) });
    chat.people.setPresence({ userId: 'u-dan', status: 'offline', ...seen(150) });
    chat.people.setPresence({ userId: 'u-eve', status: 'offline', ...seen(0.5) });
    // Hides it since then.
    chat.people.setPresence({ userId: 'u-fay', status: 'offline', lastSeenAt: null });
  });
  const row = (name: string) => {
    const found = screen.getAllByRole('listitem').find((item) => item.textContent?.startsWith(name));
    if (!found) throw new Error(`no ${name}`);
    return within(found);
  };
  const shape = (name: string, word: string) => row(name).getByRole('img', { name: word }).innerHTML;
  const shapes = [shape('Bo', 'online'), shape('Cleo', 'away'), shape('Dan', 'offline')];
  expect(shapes[0]).toMatch(/circle.*fill="currentColor"/);
  expect(shapes[1]).toMatch(/circle.*fill="none"/);
  expect(shapes[2]).toMatch(/path/);
  expect(row('Dan').getByText('seen 2 hours ago')).toBeVisible();
  expect(row('Eve').getByText('seen just now')).toBeVisible();
  expect(row('Cleo').queryByText(/seen/)).not.toBeInTheDocument();
  expect(shape('Fay', 'offline')).toMatch(/path/);
  expect(row('Fay').queryByText(/seen|offline/)).not.toBeInTheDocument();
});
