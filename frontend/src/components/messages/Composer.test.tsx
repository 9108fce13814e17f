import { fireEvent, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { message, room } from '../../../tests/support/people';
import { showSignedIn } from '../../../tests/support/signedIn';
import { Composer } from './Composer';

const den = room('den', { lastSeq: 4 });

async function show(replyTo?: ReturnType<typeof message>) {
  const verbs = { onReplyDone: vi.fn(), onSent: vi.fn(), onEditLast: vi.fn() };
  const shown = await showSignedIn(<Composer room={den} name="den" replyTo={replyTo} {...verbs} />);
  return { ...shown, ...verbs, person: userEvent.setup(), field: screen.getByLabelText('Message den') };
}

test('Enter sends and leaves the composer empty and ready', async () => {
  const { person, field, wire, onSent } = await show();
  await person.type(field, 'hello{Enter}');
  expect(wire.last('send_message').payload).toMatchObject({ roomId: 'den', content: 'hello' });
  expect(field).toHaveValue('');
  expect(field).toHaveFocus();
  expect(onSent).toHaveBeenCalledOnce();
});

test('Shift and Enter breaks the line', async () => {
  const { person, field, wire } = await show();
  await person.type(field, 'one{Shift>}{Enter}{/Shift}two');
  expect(field).toHaveValue('one\ntwo');
  expect(wire.requests('send_message')).toHaveLength(0);
});

test('Enter that ends a composition belongs to the input method', async () => {
  const { person, field, wire } = await show();
  await person.type(field, 'にほん');
  fireEvent.keyDown(field, { key: 'Enter', isComposing: true });
  fireEvent.keyDown(field, { key: 'Enter', keyCode: 229 });
  expect(wire.requests('send_message')).toHaveLength(0);
});

test('white space alone is not sent', async () => {
  const { person, field, wire } = await show();
  await person.type(field, '   {Enter}');
  expect(wire.requests('send_message')).toHaveLength(0);
  expect(screen.getByRole('button', { name: 'Send' })).toBeDisabled();
});

test('a text that is too long says by how much, and waits', async () => {
  const { field, wire } = await show();
  fireEvent.change(field, { target: { value: 'a'.repeat(10_003) } });
  expect(screen.getByRole('status')).toHaveTextContent('3 characters too many');
  fireEvent.keyDown(field, { key: 'Enter' });
  expect(wire.requests('send_message')).toHaveLength(0);
});

test('a reply says whom it answers and carries it along', async () => {
  const { person, field, wire, onReplyDone } = await show(message(3));
  expect(screen.getByText('Replying to Bo')).toBeVisible();
  await person.type(field, 'yes{Enter}');
  expect(wire.last('send_message').payload.replyTo).toBe('m3');
  expect(onReplyDone).toHaveBeenCalledOnce();
});

test('the arrow up in an empty composer goes back to the last message', async () => {
  const { person, field, onEditLast } = await show();
  await person.type(field, '{ArrowUp}');
  expect(onEditLast).toHaveBeenCalledOnce();
});

test('others are told of typing once, and that it ended', async () => {
  const { person, field, wire } = await show();
  await person.type(field, 'hello{Enter}');
  expect(wire.requests('start_typing')).toHaveLength(1);
  expect(wire.requests('stop_typing')).toHaveLength(1);
});

test('a text begun in a room is still there on the return', async () => {
  const { person, field, chat, unmount } = await show();
  await person.type(field, 'not yet');
  unmount();
  expect(chat.drafts.get('den')).toBe('not yet');
});
