import { act, screen, within } from '@testing-library/react';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { ana, bo, deleted, edited, message, received } from '../../../tests/support/people';
import { showSignedIn } from '../../../tests/support/signedIn';
import { useChat, useWatched } from '../../hooks/useChat';
import type { Message, News } from '../../protocol';
import { MessageRow } from './MessageRow';
import { PendingRow } from './PendingRow';

const verbs = {
  onReply: vi.fn(),
  onEdit: vi.fn(),
  onEditDone: vi.fn(),
  onJump: vi.fn(),
  onMarkUnread: vi.fn(),
  onDelete: vi.fn(),
};

function Row({ id, moderates = false }: { id: string; moderates?: boolean }) {
  return (
    <MessageRow
      roomId="den"
      id={id}
      rowKey={id}
      grouped={false}
      editing={false}
      pointedAt={false}
      writes
      moderates={moderates}
      verbs={verbs}
    />
  );
}

/** The outbox of the den, as the timeline shows it. */
function Pending() {
  const chat = useChat();
  const pending = useWatched('outbox:den', () => chat.outbox.pending('den'));
  return pending.map((one) => (
    <PendingRow key={one.clientId} pending={one} grouped={false} onJump={() => {}} />
  ));
}

/** By keyboard, as the toolbar can be reached without a mouse too. */
async function opensMenu(person: UserEvent): Promise<void> {
  const more = await screen.findByRole('button', { name: 'More' });
  await act(async () => more.focus());
  await person.keyboard('{Enter}');
}

async function arrives(one: Message) {
  const shown = await showSignedIn(<Row id={one.id} />);
  await act(() => shown.wire.tell({ name: 'message_received', payload: one }));
  return shown;
}

test('a message shows its author, its text and addresses to follow', async () => {
  await arrives(message(5, { content: 'see https://example.org/ <b>now</b>' }));
  expect(screen.getByText('Bo')).toBeVisible();
  expect(screen.getByRole('link')).toHaveAttribute('rel', 'noopener noreferrer nofollow');
  expect(screen.getByText(/<b>now<\/b>/)).toBeVisible();
});

test('35: a reply shows one line of what it answers, which leads there', async () => {
  await arrives(
    message(5, { replyTo: { id: 'm9', seq: 9, author: bo, excerpt: 'as it was' }, content: 'I agree' }),
  );
  const quote = screen.getByRole('button', { name: /Reply to Bo\. Go to the message\./ });
  expect(quote).toHaveTextContent('as it was');
  await userEvent.setup().click(quote);
  expect(verbs.onJump).toHaveBeenCalledWith('m9');
});

test('66: what is quoted runs in its own direction, whatever stands around it', async () => {
  await arrives(message(5, { replyTo: { id: 'm9', seq: 9, author: bo, excerpt: 'متى؟ 5' } }));
  expect(screen.getByText('متى؟ 5').tagName).toBe('BDI');
});

test('50: Alt and a click marks a message and what follows as unread', async () => {
  await arrives(message(5));
  const person = userEvent.setup();
  await person.keyboard('{Alt>}');
  await person.click(screen.getByText('message 5'));
  await person.keyboard('{/Alt}');
  expect(verbs.onMarkUnread).toHaveBeenCalledOnce();
});

test('an edit and a deletion show in place', async () => {
  const { wire } = await arrives(message(5));
  const edit = edited(6, message(5), 'better words');
  await act(() => wire.tell({ name: 'message_updated', payload: edit.data } as News));
  expect(screen.getByText('better words')).toBeVisible();
  expect(screen.getByText('edited')).toBeVisible();
  const deletion = deleted(7, message(5));
  await act(() => wire.tell({ name: 'message_deleted', payload: deletion.data } as News));
  expect(screen.getByText('Message deleted')).toBeVisible();
  expect(screen.queryByText('better words')).not.toBeInTheDocument();
});

test('one may edit and delete what is one’s own', async () => {
  await arrives(message(5, { author: ana }));
  const person = userEvent.setup();
  await person.hover(screen.getByRole('listitem'));
  const actions = within(await screen.findByRole('toolbar'));
  expect(actions.getByRole('button', { name: 'Edit' })).toBeVisible();
  await opensMenu(person);
  expect(await screen.findByRole('menuitem', { name: 'Delete' })).toBeVisible();
});

test('one may not touch what others wrote', async () => {
  await arrives(message(5, { author: bo }));
  const person = userEvent.setup();
  await person.hover(screen.getByRole('listitem'));
  const actions = within(await screen.findByRole('toolbar'));
  expect(actions.queryByRole('button', { name: 'Edit' })).not.toBeInTheDocument();
  await opensMenu(person);
  expect(await screen.findByRole('menuitem', { name: 'Copy text' })).toBeVisible();
  expect(screen.queryByRole('menuitem', { name: 'Delete' })).not.toBeInTheDocument();
});

test('37: a refused message says why, and can be sent again or thrown away', async () => {
  const { chat, wire } = await showSignedIn(<Pending />);
  await act(async () => void chat.send('den', 'hello'));
  await act(() => wire.last('send_message').fail('forbidden'));
  expect(screen.getByRole('status')).toHaveTextContent('Not sent. forbidden');
  const person = userEvent.setup();
  await person.click(screen.getByRole('button', { name: 'Retry' }));
  expect(wire.requests('send_message')).toHaveLength(2);
  await act(() => wire.last('send_message').fail('forbidden'));
  await person.click(screen.getByRole('button', { name: 'Delete' }));
  expect(screen.queryByText('hello')).not.toBeInTheDocument();
});

test('39: a message nobody has confirmed is not called failed', async () => {
  const { chat, wire } = await showSignedIn(<Pending />);
  await act(async () => void chat.send('den', 'hello'));
  await act(() => wire.last('send_message').fail('timeout'));
  expect(screen.getByText(/Delivery not confirmed/)).toBeVisible();
  expect(screen.queryByText(/Not sent/)).not.toBeInTheDocument();
});

test('39: what waits for a connection says so, and can be thrown away unsent', async () => {
  const { chat, wire } = await showSignedIn(<Pending />);
  await act(() => wire.break());
  await act(async () => void chat.send('den', 'hello'));
  expect(await screen.findByText('Waiting for a connection')).toBeVisible();
  await userEvent.setup().click(screen.getByRole('button', { name: 'Delete' }));
  expect(screen.queryByText('hello')).not.toBeInTheDocument();
  await act(() => wire.open());
  expect(wire.requests('send_message')).toHaveLength(0);
});

test('39: what may have arrived long ago is not called failed, and goes out again only when it is told to', async () => {
  const { chat, wire } = await showSignedIn(<Pending />);
  const createdAt = new Date(Date.now() - 8 * 24 * 60 * 60 * 1_000).toISOString();
  const message = { clientId: 'c', roomId: 'den', content: 'hello', createdAt, attempted: true } as const;
  await act(async () => chat.outbox.hear({ name: 'message_kept', message }));
  expect(screen.getByText(/Delivery not confirmed, and too long ago/)).toBeVisible();
  expect(wire.requests('send_message')).toHaveLength(0);
  await userEvent.setup().click(screen.getByRole('button', { name: 'Retry' }));
  expect(wire.last('send_message').payload.clientId).toBe('c');
});

test('a message leaves the outbox when it is in the log', async () => {
  const { chat, wire } = await showSignedIn(<Pending />);
  let clientId = '';
  await act(async () => {
    clientId = chat.send('den', 'hello').clientId;
  });
  const mine = received(message(5, { author: ana, clientId, content: 'hello' }));
  await act(() => wire.tell({ name: 'message_received', payload: mine.data } as News));
  expect(screen.queryByText('hello')).not.toBeInTheDocument();
});
