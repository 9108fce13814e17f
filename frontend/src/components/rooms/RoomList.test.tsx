import { act, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { room } from '../../../tests/support/people';
import { showSignedIn } from '../../../tests/support/signedIn';
import type { Membership, Room } from '../../protocol';
import { RoomList } from './RoomList';

function roomWith(id: string, membership: Partial<Membership>, about: Partial<Room> = {}): Room {
  return room(id, { ...about, membership: { ...(room(id).membership as Membership), ...membership } });
}

async function showList(...rooms: Room[]) {
  const shown = await showSignedIn(<RoomList actions={{}} before={null} after={null} />);
  await act(async () => {
    for (const one of rooms) await shown.wire.tell({ name: 'room_added', payload: { room: one } });
  });
  return shown;
}

const rowOf = (name: RegExp) => screen.getByRole('link', { name });

test('10: what is new has a bold name and a dot, and no number', async () => {
  await showList(roomWith('garden', { unread: 7 }));
  const row = rowOf(/^garden/);
  expect(row).toHaveAccessibleName(/^garden ?7 unread$/);
  expect(row).toHaveAttribute('data-call', 'unread');
  expect(within(row).queryByText('7')).not.toBeInTheDocument();
});

test('10: a mention has a number that ends at 99', async () => {
  await showList(
    roomWith('garden', { unread: 8, mentions: 3 }),
    roomWith('busy', { unread: 100, mentions: 100 }),
  );
  expect(within(rowOf(/^garden/)).getByText('3')).toBeVisible();
  expect(rowOf(/^garden/)).toHaveAccessibleName(/^garden ?3 for you$/);
  expect(within(rowOf(/^busy/)).getByText('99+')).toBeVisible();
  expect(rowOf(/^busy/)).toHaveAccessibleName(/^busy ?more than 99 for you$/);
});

test('10: a muted room says so, and counts only what is meant for its reader', async () => {
  await showList(
    roomWith('noise', { unread: 40, notify: 'none' }),
    roomWith('called', { unread: 40, mentions: 2, notify: 'none' }),
  );
  expect(rowOf(/^noise/)).toHaveAccessibleName(/^noise ?muted$/);
  expect(rowOf(/^called/)).toHaveAccessibleName(/^called ?muted ?2 for you$/);
});

test('9: rooms stand on named shelves', async () => {
  const { chat } = await showList(roomWith('garden', { mentions: 1, unread: 1 }), room('attic'));
  await act(async () => chat.settings.pin('attic', true));
  const shelf = (name: string) => within(screen.getByRole('list', { name })).getAllByRole('link');
  expect(shelf('Pinned')).toEqual([rowOf(/^attic/)]);
  expect(shelf('For you')).toEqual([rowOf(/^garden/)]);
  expect(shelf('Rooms')).toEqual([rowOf(/^den/)]);
});

test('56: the list is one stop of the Tab key, and the arrows go through it', async () => {
  await showList(...['one', 'two', 'three'].map((name) => room(name)));
  const person = userEvent.setup();
  await person.tab();
  const first = document.activeElement;
  expect(first).toHaveAttribute('data-room');
  await person.keyboard('{ArrowDown}');
  expect(document.activeElement).not.toBe(first);
  await person.keyboard('{End}');
  const links = screen.getAllByRole('link');
  expect(document.activeElement).toBe(links.at(-1));
  await person.keyboard('{Home}');
  expect(document.activeElement).toBe(first);
  await person.tab();
  expect(document.body).toHaveFocus();
});

test('57: a room’s row leads on from a message of that room, and nowhere from the room itself', async () => {
  history.replaceState(null, '', '/r/den/m/m1');
  await showList();
  const person = userEvent.setup();
  const before = history.length;
  await person.click(rowOf(/^den/));
  expect(location.pathname).toBe('/r/den');
  expect(history).toHaveLength(before + 1);
  await person.click(rowOf(/^den/));
  expect(history).toHaveLength(before + 1);
  history.replaceState(null, '', '/');
});
