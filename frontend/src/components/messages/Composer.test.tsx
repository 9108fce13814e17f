import { act, cleanup, fireEvent, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { deleted, message, room } from '../../../tests/support/people';
import { showSignedIn } from '../../../tests/support/signedIn';
import type { News } from '../../protocol';
import { Composer } from './Composer';

const den = room('den', { lastSeq: 4 });

async function show(replyTo?: ReturnType<typeof message>, memberCount = den.memberCount) {
  const verbs = { onReplyDone: vi.fn(), onSent: vi.fn(), onEditLast: vi.fn() };
  const shown = await showSignedIn(
    <Composer room={{ ...den, memberCount }} name="den" replyTo={replyTo} {...verbs} />,
  );
  return { ...shown, ...verbs, person: userEvent.setup(), field: screen.getByLabelText('Message den') };
}

test('42: Enter sends and leaves the composer empty and ready', async () => {
  const { person, field, wire, onSent } = await show();
  await person.type(field, 'hello{Enter}');
  expect(wire.last('send_message').payload).toMatchObject({ roomId: 'den', content: 'hello' });
  expect(field).toHaveValue('');
  expect(field).toHaveFocus();
  expect(onSent).toHaveBeenCalledOnce();
});

test('42: Shift and Enter breaks the line', async () => {
  const { person, field, wire } = await show();
  await person.type(field, 'one{Shift>}{Enter}{/Shift}two');
  expect(field).toHaveValue('one\ntwo');
  expect(wire.requests('send_message')).toHaveLength(0);
});

test('42: for whoever swaps them, Enter breaks the line and Shift and Enter sends', async () => {
  const { person, field, wire, chat } = await show();
  await act(async () => chat.settings.change({ enterSends: false }));
  await person.type(field, 'one{Enter}two');
  expect(wire.requests('send_message')).toHaveLength(0);
  await person.type(field, '{Shift>}{Enter}{/Shift}');
  expect(wire.last('send_message').payload).toMatchObject({ content: 'one\ntwo' });
  expect(field).toHaveValue('');
});

test('43: Enter that ends a composition belongs to the input method', async () => {
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

test('47: a text that is too long says by how much, waits, and keeps all of it', async () => {
  const { field, wire } = await show();
  fireEvent.change(field, { target: { value: 'a'.repeat(10_003) } });
  expect(screen.getByRole('status')).toHaveTextContent('3 characters too many');
  fireEvent.keyDown(field, { key: 'Enter' });
  expect(wire.requests('send_message')).toHaveLength(0);
  expect((field as HTMLTextAreaElement).value).toHaveLength(10_003);
});

test('47: from nine tenths of the limit on, a text says how much room is left', async () => {
  const { field } = await show();
  fireEvent.change(field, { target: { value: 'a'.repeat(9_000) } });
  expect(screen.queryByRole('status')).not.toBeInTheDocument();
  fireEvent.change(field, { target: { value: '🎉'.repeat(9_001) } });
  expect(screen.getByRole('status')).toHaveTextContent('999 characters left');
});

test('42: on a touch keyboard Enter breaks the line, since there is no Shift to hold', async () => {
  vi.stubGlobal('matchMedia', (query: string) => ({ matches: query.includes('coarse') }));
  const { person, field, wire } = await show();
  await person.type(field, 'one{Enter}two');
  expect(field).toHaveValue('one\ntwo');
  expect(wire.requests('send_message')).toHaveLength(0);
});

test('45: calling more than twenty people asks first, and keeps the text until there is an answer', async () => {
  const { person, field, wire } = await show(undefined, 22);
  await person.type(field, '@all, lunch is ready{Enter}');
  expect(wire.requests('send_message')).toHaveLength(0);
  const question = await screen.findByRole('alertdialog', { name: 'Notify 21 people?' });
  await person.click(within(question).getByRole('button', { name: 'Cancel' }));
  expect(wire.requests('send_message')).toHaveLength(0);
  expect(field).toHaveValue('@all, lunch is ready');
  await person.type(field, '{Enter}');
  await person.click(within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'Send' }));
  expect(wire.last('send_message').payload.content).toBe('@all, lunch is ready');
  expect(field).toHaveValue('');
});

test('45: calling twenty or fewer, or one person among many, asks nothing', async () => {
  const { person, field, wire } = await show(undefined, 21);
  await person.type(field, '@all, lunch is ready{Enter}');
  expect(wire.requests('send_message')).toHaveLength(1);
  cleanup();
  const many = await show(undefined, 500);
  await many.person.type(many.field, '@allison, lunch is ready{Enter}');
  expect(many.wire.requests('send_message')).toHaveLength(1);
});

test('41: a text that is written in another tab shows here', async () => {
  const { chat, field } = await show();
  act(() => chat.drafts.hear('den', 'from over there'));
  expect(field).toHaveValue('from over there');
});

test('a reply says whom it answers and carries it along', async () => {
  const { person, field, wire, onReplyDone } = await show(message(3));
  expect(screen.getByText(/^Replying to/)).toHaveTextContent('Replying to Bo');
  await person.type(field, 'yes{Enter}');
  expect(wire.last('send_message').payload.replyTo).toBe('m3');
  expect(onReplyDone).toHaveBeenCalledOnce();
});

test('29: what is answered and was deleted meanwhile is called so, and its text goes no further', async () => {
  const one = message(5, { content: 'A slip of the tongue' });
  const { person, field, wire, chat } = await show(one);
  await act(() => wire.tell({ name: 'message_received', payload: one }));
  expect(screen.getByText('A slip of the tongue')).toBeVisible();
  await act(() => wire.tell({ name: 'message_deleted', payload: deleted(6, one).data } as News));
  expect(screen.getByText('Message deleted')).toBeVisible();
  expect(screen.queryByText('A slip of the tongue')).not.toBeInTheDocument();
  await person.type(field, 'what slip?{Enter}');
  expect(wire.last('send_message').payload.replyTo).toBe('m5');
  expect(chat.outbox.pending('den')[0]?.replyTo?.excerpt).toBe('');
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
