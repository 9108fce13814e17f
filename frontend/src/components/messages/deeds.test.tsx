import { act, fireEvent, screen, within } from '@testing-library/react';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { ana, bo, cleo, deleted, edited, message, reacted } from '../../../tests/support/people';
import { showSignedIn } from '../../../tests/support/signedIn';
import { UNDO_MS } from '../../chat/deletions';
import { useWatched } from '../../hooks/useChat';
import { useDeletion } from '../../hooks/useDeletion';
import type { Message, News } from '../../protocol';
import { Confirm } from '../ui/Confirm';
import { Tips } from '../ui/Tips';
import Toasts from '../ui/Toasts';
import { Announcer } from './Announcer';
import { EditBox } from './EditBox';
import { MessageRow } from './MessageRow';

const verbs = {
  onReply: vi.fn(),
  onEdit: vi.fn(),
  onEditDone: vi.fn(),
  onJump: vi.fn(),
  onMarkUnread: vi.fn(),
};

beforeEach(() => void vi.clearAllMocks());

function Row({ id }: { id: string }) {
  const { remove, asked, answer } = useDeletion();
  return (
    <>
      <MessageRow
        roomId="den"
        id={id}
        rowKey={id}
        grouped={false}
        editing={false}
        pointedAt={false}
        writes
        moderates
        verbs={{ ...verbs, onDelete: remove }}
      />
      <Confirm
        open={asked !== undefined}
        title="Delete this message?"
        description=""
        action="Delete"
        onConfirm={() => answer(true)}
        onClose={() => answer(false)}
      />
      <Announcer />
      <Toasts />
      <Tips />
    </>
  );
}

const tell = (news: { event: string; data: unknown }) => ({ name: news.event, payload: news.data }) as News;

async function arrives(one: Message) {
  const shown = await showSignedIn(<Row id={one.id} />);
  await act(() => shown.wire.tell({ name: 'message_received', payload: one }));
  return shown;
}

const row = () => screen.getByRole('listitem');

async function deletes(person: UserEvent): Promise<void> {
  await person.hover(row());
  const more = await screen.findByRole('button', { name: 'More' });
  await act(async () => more.focus());
  await person.keyboard('{Enter}');
  await person.click(await screen.findByRole('menuitem', { name: 'Delete' }));
}

test('27: the actions are one stop for the Tab key, and arrows go from one to the next', async () => {
  await arrives(message(5, { author: ana }));
  const person = userEvent.setup();
  await person.hover(row());
  await screen.findByRole('toolbar');
  await act(async () => row().focus());
  await person.tab();
  expect(screen.getByRole('button', { name: 'React' })).toHaveFocus();
  await person.keyboard('{ArrowRight}');
  expect(screen.getByRole('button', { name: 'Reply' })).toHaveFocus();
  await person.keyboard('{ArrowRight}{ArrowRight}');
  expect(screen.getByRole('button', { name: 'More' })).toHaveFocus();
  await person.keyboard('{ArrowRight}');
  expect(screen.getByRole('button', { name: 'React' })).toHaveFocus();
  await person.keyboard('{ArrowRight}{Enter}');
  expect(verbs.onReply).toHaveBeenCalledOnce();
  await person.tab();
  expect(within(row()).queryByRole('toolbar')?.contains(document.activeElement) ?? false).toBe(false);
});

test('27: a long press opens all of it on a sheet; a finger that moves does not', async () => {
  await arrives(message(5, { author: ana }));
  const finger = { pointerType: 'touch', clientX: 10, clientY: 10 };
  vi.useFakeTimers();
  fireEvent.pointerDown(screen.getByText('message 5'), finger);
  fireEvent.pointerMove(screen.getByText('message 5'), { ...finger, clientY: 40 });
  await act(async () => void vi.advanceTimersByTime(1_000));
  expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
  fireEvent.pointerDown(screen.getByText('message 5'), finger);
  await act(async () => void vi.advanceTimersByTime(1_000));
  vi.useRealTimers();
  const sheet = within(await screen.findByRole('dialog'));
  for (const name of ['👍', 'Reply', 'Edit', 'Copy text', 'Mark unread from here', 'Delete'])
    expect(sheet.getByRole('button', { name })).toBeVisible();
  await userEvent.setup().click(sheet.getByRole('button', { name: 'Edit' }));
  expect(verbs.onEdit).toHaveBeenCalledWith('m5');
  expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
});

test('29: what is one’s own is deleted at once, and comes back when that is undone', async () => {
  const { deleted: asked, chat } = await arrives(message(5, { author: ana }));
  const person = userEvent.setup();
  await deletes(person);
  expect(screen.queryByText('message 5')).not.toBeInTheDocument();
  expect(row()).toHaveTextContent('Message deleted');
  expect(row()).toHaveFocus();
  await person.click(await screen.findByRole('button', { name: 'Undo' }));
  expect(screen.getByText('message 5')).toBeVisible();
  await chat.deletions.flush();
  expect(asked).toEqual([]);
});

test('29: when the time to undo it is over it is deleted for everybody', async () => {
  const { deleted: asked } = await arrives(message(5, { author: ana }));
  const person = userEvent.setup();
  await person.hover(row());
  const more = await screen.findByRole('button', { name: 'More' });
  await act(async () => more.focus());
  await person.keyboard('{Enter}');
  const item = await screen.findByRole('menuitem', { name: 'Delete' });
  vi.useFakeTimers();
  await act(async () => fireEvent.click(item));
  expect(asked).toEqual([]);
  await act(async () => void vi.advanceTimersByTime(UNDO_MS));
  vi.useRealTimers();
  expect(asked).toEqual(['m5']);
  expect(screen.queryByRole('button', { name: 'Undo' })).not.toBeInTheDocument();
});

test('29: deleting what others wrote asks once', async () => {
  const { wire } = await arrives(message(5, { author: bo }));
  const person = userEvent.setup();
  await deletes(person);
  const question = within(await screen.findByRole('alertdialog'));
  expect(wire.requests('delete_message')).toHaveLength(0);
  await person.click(question.getByRole('button', { name: 'Delete' }));
  expect(wire.last('delete_message').payload).toEqual({ roomId: 'den', messageId: 'm5' });
});

test('29: a deleted text is not kept where it was read out', async () => {
  const { wire } = await arrives(message(5));
  expect(await screen.findByText('Bo: message 5')).toBeInTheDocument();
  await act(() => wire.tell(tell(deleted(6, message(5)))));
  expect(screen.queryByText('Bo: message 5')).not.toBeInTheDocument();
});

test('30: a reaction is there at once, and the second click of a double click changes nothing', async () => {
  const { wire } = await arrives(message(5));
  await act(() => wire.tell(tell(reacted(6, 'm5', '🎉', bo.id))));
  const person = userEvent.setup();
  await person.dblClick(screen.getByRole('button', { name: '🎉, 1 person' }));
  expect(screen.getByRole('button', { name: '🎉, 2 people, you too' })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  expect(wire.requests('add_reaction')).toHaveLength(1);
  expect(wire.requests('remove_reaction')).toHaveLength(0);
});

test('30: who reacted is said when one points at it, and when it has the focus', async () => {
  const { wire } = await arrives(message(5));
  await act(() => wire.tell(tell(reacted(6, 'm5', '🎉', bo.id))));
  await act(() => wire.tell(tell(reacted(7, 'm5', '🎉', cleo.id))));
  const button = screen.getByRole('button', { name: '🎉, 2 people' });
  // Cleo is in none of the lists that were read.
  expect(button).toHaveAttribute('aria-description', 'Bo, and 1 more');
  await userEvent.setup().hover(button);
  expect(await screen.findByText('Bo, and 1 more')).toBeVisible();
});

async function edits(about: Partial<Message> = {}) {
  const one = message(5, { author: ana, content: 'as it was', ...about });
  const onDone = vi.fn();
  const shown = await showSignedIn(<Edited id="m5" onDone={onDone} />);
  await act(() => shown.wire.tell({ name: 'message_received', payload: one }));
  return {
    ...shown,
    one,
    onDone,
    person: userEvent.setup(),
    field: () => screen.getByLabelText('Edit message'),
  };
}

function Edited({ id, onDone }: { id: string; onDone: () => void }) {
  const one = useWatched(`message:${id}`, (chat) => chat.timeline('den').message(id));
  return one ? <EditBox message={one} onDone={onDone} /> : null;
}

test('28: Enter saves, and what has not changed is not sent', async () => {
  const { wire, person, field, onDone } = await edits();
  await person.type(field(), '{Enter}');
  expect(onDone).toHaveBeenCalledOnce();
  expect(wire.requests('edit_message')).toHaveLength(0);
  await person.type(field(), ' now{Enter}');
  expect(wire.last('edit_message').payload).toMatchObject({ content: 'as it was now' });
});

test('28: a message that was edited elsewhere meanwhile offers both texts', async () => {
  const { wire, person, field, one } = await edits();
  await person.type(field(), ' here');
  await act(() => wire.tell(tell(edited(6, one, 'as it is there'))));
  expect(screen.getByText('as it is there')).toBeVisible();
  await person.type(field(), '{Enter}');
  expect(wire.requests('edit_message')).toHaveLength(0);
  await person.click(screen.getByRole('button', { name: 'Take that' }));
  expect(field()).toHaveValue('as it is there');
  expect(screen.queryByRole('status')).not.toBeInTheDocument();
  await person.type(field(), ' and here{Enter}');
  expect(wire.last('edit_message').payload).toMatchObject({ content: 'as it is there and here' });
});

test('28: or one keeps what one has written', async () => {
  const { wire, person, field, one } = await edits();
  await person.type(field(), ' here');
  await act(() => wire.tell(tell(edited(6, one, 'as it is there'))));
  await person.click(screen.getByRole('button', { name: 'Keep what is written here' }));
  expect(wire.last('edit_message').payload).toMatchObject({ content: 'as it was here' });
});

test('28: an edit that crossed another on its way is not lost, and both texts are offered', async () => {
  const { wire, person, field, one, onDone } = await edits();
  await person.type(field(), ' here{Enter}');
  const there = edited(6, one, 'as it is there');
  await act(() => wire.tell(tell(there)));
  await act(() => wire.last('edit_message').fail('conflict'));
  expect(onDone).not.toHaveBeenCalled();
  expect(screen.getByText('as it is there')).toBeVisible();
  expect(field()).toHaveValue('as it was here');
  await person.click(screen.getByRole('button', { name: 'Keep what is written here' }));
  expect(wire.last('edit_message').payload).toMatchObject({
    content: 'as it was here',
    expectedEditedAt: there.event === 'message_updated' && there.data.message.editedAt,
  });
});

test('28: one’s own change is no conflict when it comes back before its acknowledgement', async () => {
  const { wire, person, field, one, onDone } = await edits();
  await person.type(field(), ' now{Enter}');
  await act(() => wire.tell(tell(edited(6, one, 'as it was now'))));
  expect(screen.queryByText(/elsewhere/)).not.toBeInTheDocument();
  await act(() =>
    wire.last('edit_message').answer({ message: { ...one, revSeq: 6, content: 'as it was now' } }),
  );
  expect(onDone).toHaveBeenCalledOnce();
});
