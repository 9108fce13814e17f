import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { bo, cleo, member, message, received, room, time, user } from '../../../tests/support/people';
import { showSignedIn } from '../../../tests/support/signedIn';
import { Commands } from '../../chat/commands';
import { Escapes } from '../../chat/escapes';
import { ShellContext } from '../../hooks/useShell';
import { Composer } from './Composer';

const den = room('den', { lastSeq: 4, memberCount: 4 });

async function show() {
  const shell = { commands: new Commands(), escapes: new Escapes(), show: () => {} };
  const verbs = { onReplyDone: () => {}, onSent: vi.fn(), onEditLast: vi.fn() };
  const shown = await showSignedIn(
    <ShellContext value={shell}>
      <Composer room={den} name="den" replyTo={undefined} {...verbs} />
    </ShellContext>,
  );
  const { chat, wire } = shown;
  await act(async () => {
    chat.people.putMembers('den', [member(user('ana')), member(bo), member(cleo), member(user('clara'))]);
    for (const [hour, name] of ['gate', 'garden'].entries()) {
      const payload = { room: room(name, { lastActivityAt: time(hour) }) };
      await wire.tell({ name: 'room_added', payload });
    }
  });
  const field = screen.getByLabelText('Message den');
  return { ...shown, ...shell, ...verbs, person: userEvent.setup(), field };
}

const list = (name: string) => screen.findByRole('listbox', { name });
const names = (listbox: HTMLElement) =>
  within(listbox)
    .getAllByRole('option')
    .map((option) => option.querySelector('bdi')?.textContent);

test('44: an at sign lists people, whoever spoke last first, and Tab writes the name', async () => {
  const { person, field, wire } = await show();
  await act(() =>
    wire.tell({ name: 'message_received', payload: received(message(5, { author: cleo })).data as never }),
  );
  await person.type(field, 'ask @');
  const listbox = await list('People');
  expect(names(listbox)).toEqual(['Cleo', 'Bo', 'Clara', 'all']);
  await person.type(field, 'cl');
  expect(names(listbox)).toEqual(['Cleo', 'Clara']);
  await person.keyboard('{Tab}');
  expect(field).toHaveValue('ask @cleo ');
  expect(field).toHaveFocus();
  expect(screen.queryByRole('listbox')).not.toBeInTheDocument();
});

test('44: whoever cannot log in any more is not offered, whatever they belong to and said', async () => {
  const { person, field, chat, wire } = await show();
  await act(() =>
    wire.tell({ name: 'message_received', payload: received(message(5, { author: cleo })).data as never }),
  );
  await act(async () =>
    chat.people.putMembers('den', [
      member(bo),
      member({ ...cleo, deactivated: true }),
      member(user('clara')),
    ]),
  );
  await person.type(field, '@cl');
  expect(names(await list('People'))).toEqual(['Clara']);
  expect(chat.people.known).not.toContainEqual(expect.objectContaining({ id: cleo.id }));
  expect(chat.people.user(cleo.id)?.displayName).toBe('Cleo');
});

test('44: the arrows move through the list and round its ends, and Enter chooses instead of sending', async () => {
  const { person, field, wire } = await show();
  await person.type(field, '@cl');
  const options = within(await list('People')).getAllByRole('option');
  const active = () => field.getAttribute('aria-activedescendant');
  expect(field).toHaveAttribute('aria-controls', screen.getByRole('listbox').id);
  expect(active()).toBe(options[0]?.id);
  await person.keyboard('{ArrowDown}');
  expect(active()).toBe(options[1]?.id);
  expect(options[1]).toHaveAttribute('aria-selected', 'true');
  await person.keyboard('{ArrowDown}');
  expect(active()).toBe(options[0]?.id);
  await person.keyboard('{ArrowUp}{Enter}');
  expect(field).toHaveValue('@clara ');
  expect(field).not.toHaveAttribute('aria-activedescendant');
  expect(wire.requests('send_message')).toHaveLength(0);
});

test('44: Escape closes the list for this word, and the next word opens it again', async () => {
  const { person, field, escapes } = await show();
  await person.type(field, '@cl');
  await list('People');
  act(() => void escapes.press());
  expect(screen.queryByRole('listbox')).not.toBeInTheDocument();
  await person.type(field, 'e');
  expect(screen.queryByRole('listbox')).not.toBeInTheDocument();
  expect(escapes.press()).toBe(false);
  await person.type(field, ' and @b');
  expect(names(await list('People'))).toEqual(['Bo']);
});

test('44: while an input method is at work, its keys are its own', async () => {
  const { person, field } = await show();
  await person.type(field, '@cl');
  await list('People');
  fireEvent.keyDown(field, { key: 'Enter', isComposing: true });
  fireEvent.keyDown(field, { key: 'ArrowDown', keyCode: 229 });
  expect(field).toHaveValue('@cl');
  expect(field).toHaveAttribute('aria-activedescendant', screen.getAllByRole('option')[0]?.id);
});

test('44: a number sign lists rooms, and a click writes the name', async () => {
  const { person, field } = await show();
  await person.type(field, 'see #ga');
  const listbox = await list('Rooms');
  expect(names(listbox)).toEqual(['garden', 'gate']);
  await person.click(within(listbox).getByRole('option', { name: /gate/ }));
  expect(field).toHaveValue('see #gate ');
  expect(field).toHaveFocus();
});

test('44: a colon and letters list emoji', async () => {
  const { person, field } = await show();
  await person.type(field, 'done :tad');
  expect(names(await list('Emoji'))[0]).toBe(':tada:');
  await person.keyboard('{Enter}');
  expect(field).toHaveValue('done 🎉 ');
});

test('44: a slash lists what can be done, does it, and leaves nothing of it in the text', async () => {
  const { person, field, commands, wire } = await show();
  const leave = vi.fn();
  commands.offer(() => [
    { id: 'leave', group: 'room', name: 'Leave room', word: 'leave', run: leave },
    { id: 'escape', group: 'moving', name: 'Without a word' },
  ]);
  await person.type(field, '/');
  expect(names(await list('Commands'))).toEqual(['/leave', '/shrug']);
  await person.type(field, 'le{Enter}');
  expect(leave).toHaveBeenCalledOnce();
  expect(field).toHaveValue('');
  expect(wire.requests('send_message')).toHaveLength(0);
  await person.type(field, '/sh{Enter}');
  expect((field as HTMLTextAreaElement).value).toContain('(ツ)');
});

test('44: what is called by nobody is text, and is sent', async () => {
  const { person, field, wire } = await show();
  await person.type(field, '/etc');
  await waitFor(() => expect(screen.queryByRole('listbox')).not.toBeInTheDocument());
  await person.keyboard('{Enter}');
  expect(wire.last('send_message').payload).toMatchObject({ content: '/etc' });
});

test('44: the list goes when the field is left', async () => {
  const { person, field } = await show();
  await person.type(field, '@cl');
  await list('People');
  await person.tab({ shift: true });
  expect(screen.queryByRole('listbox')).not.toBeInTheDocument();
});
