import { act, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { room } from '../../../tests/support/people';
import { showSignedIn } from '../../../tests/support/signedIn';
import { Commands } from '../../chat/commands';
import { Escapes } from '../../chat/escapes';
import { useWatched } from '../../hooks/useChat';
import { ShellContext } from '../../hooks/useShell';
import type { Membership } from '../../protocol';
import { api, type Notifying } from '../../services/api';
import { RoomMenu } from './RoomMenu';

function DenMenu() {
  const den = useWatched('room:den', (chat) => chat.rooms.get('den'));
  return den ? <RoomMenu room={den} name="den" /> : null;
}

async function show() {
  // The server as far as these wishes go: what is absent stays.
  let membership = room('den').membership as Membership;
  const setNotify = vi.spyOn(api, 'setNotify').mockImplementation(async (_, wish) => {
    membership = { ...membership, ...wish };
    return membership;
  });
  const shell = { commands: new Commands(), escapes: new Escapes(), show: () => {} };
  const shown = await showSignedIn(
    <ShellContext value={shell}>
      <DenMenu />
    </ShellContext>,
  );
  const person = userEvent.setup();
  const open = () => person.click(screen.getByRole('button', { name: 'Room menu' }));
  const choose = async (role: 'menuitem' | 'menuitemradio', name: string | RegExp) => {
    await open();
    await person.click(await screen.findByRole(role, { name }));
  };
  const asked = () => setNotify.mock.calls.map(([, wish]) => wish as Notifying);
  return { ...shown, ...shell, person, open, choose, asked };
}

const time = (date: string | null | undefined) => Date.parse(date ?? '');

test('59: a room notifies of all, of mentions or of nothing', async () => {
  const { choose, open, asked } = await show();
  await choose('menuitemradio', 'Mentions');
  await choose('menuitemradio', 'Nothing');
  expect(asked()).toEqual([
    { notify: 'mentions', mutedUntil: null },
    { notify: 'none', mutedUntil: null },
  ]);
  await open();
  expect(await screen.findByRole('menuitemradio', { name: 'Nothing' })).toBeChecked();
  expect(screen.queryByRole('menuitem', { name: /^Mute/ })).not.toBeInTheDocument();
});

test('59: a room is muted for an hour or until tomorrow, says until when, and can be unmuted', async () => {
  const { choose, open, asked, chat } = await show();
  const before = Date.now();
  await choose('menuitem', 'Mute for an hour');
  expect(time(asked()[0]?.mutedUntil)).toBeGreaterThanOrEqual(before + 3_600_000);
  expect(time(chat.rooms.get('den')?.membership?.mutedUntil)).toBe(time(asked()[0]?.mutedUntil));
  await open();
  expect(await screen.findByText(/^Muted until/)).toBeVisible();
  await userEvent.click(screen.getByRole('menuitem', { name: /^Unmute/ }));
  expect(asked()[1]).toEqual({ mutedUntil: null });
  await choose('menuitem', 'Mute until tomorrow');
  expect(new Date(time(asked()[2]?.mutedUntil)).getHours()).toBe(8);
});

test('44: muting, unmuting and leaving are commands with a word', async () => {
  const { commands, asked } = await show();
  const words = () => commands.list.map(({ word }) => word);
  expect(words()).toEqual(['mute', 'leave']);
  await act(async () => commands.list[0]?.run?.());
  expect(asked()).toEqual([{ notify: 'none', mutedUntil: null }]);
  expect(words()).toEqual(['unmute', 'leave']);
  await act(async () => commands.list[0]?.run?.());
  expect(asked()[1]).toEqual({ notify: 'all', mutedUntil: null });
  act(() => commands.list[1]?.run?.());
  expect(await screen.findByRole('alertdialog', { name: 'Leave den?' })).toBeVisible();
});
