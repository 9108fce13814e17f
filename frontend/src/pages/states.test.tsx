/** What the pages show while they wait, when there is nothing, and when something went wrong. */
import { act, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';
import { A_REQUEST, answerWith, refusal } from '../../tests/support/answers';
import { room } from '../../tests/support/people';
import { showSignedIn } from '../../tests/support/signedIn';
import { BrowsePage } from './BrowsePage';
import { HomePage } from './HomePage';
import { RoomPage } from './RoomPage';

afterEach(() => {
  vi.unstubAllGlobals();
});

test('8: whoever is in no room of an empty server reads one sentence, and has one thing to press', async () => {
  answerWith(200, { rooms: [] });
  const { chat, container } = await showSignedIn(<HomePage />);
  await act(async () => chat.left('den'));
  expect(screen.getByRole('heading', { level: 1 })).toHaveTextContent('You are in no room yet');
  expect(container.querySelectorAll('p')).toHaveLength(1);
  expect(screen.getAllByRole('button').map((button) => button.textContent)).toEqual(['Create a room']);
});

const attic = <RoomPage roomId="attic" messageId={undefined} />;

test('67: a room that is asked for has the shape of a room already', async () => {
  answerWith(undefined);
  await showSignedIn(attic);
  expect(screen.getByRole('status')).toHaveTextContent('Loading');
});

test('67: a room that is gone and one that is closed say so, and lead back', async () => {
  answerWith(404, refusal('not_found'));
  const { unmount } = await showSignedIn(attic);
  expect(await screen.findByRole('heading', { name: 'This room is not here.' })).toBeVisible();
  expect(screen.getByRole('link', { name: 'Back to rooms' })).toHaveAttribute('href', '/');
  unmount();

  answerWith(403, refusal('forbidden'));
  await showSignedIn(attic);
  expect(await screen.findByRole('heading', { name: 'This room is not open to you.' })).toBeVisible();
});

test('67: a room that could not be opened says why, offers to try again, and names the request', async () => {
  const person = userEvent.setup();
  answerWith(503, refusal('unavailable'));
  await showSignedIn(attic);
  const trouble = await screen.findByRole('alert');
  expect(trouble).toHaveTextContent('This room could not be opened.');
  expect(trouble).toHaveTextContent('The server could not answer this just now.');
  expect(trouble).toHaveTextContent(A_REQUEST);
  await person.click(screen.getByRole('button', { name: 'Copy' }));
  expect(await screen.findByRole('button', { name: 'Copied.' })).toBeVisible();
  expect(await navigator.clipboard.readText()).toBe(A_REQUEST);

  answerWith(404, refusal('not_found'));
  await person.click(screen.getByRole('button', { name: 'Retry' }));
  expect(await screen.findByRole('heading', { name: 'This room is not here.' })).toBeVisible();
});

test('67: looking for rooms waits in their shape, finds none, fails and goes on', async () => {
  const person = userEvent.setup();
  answerWith(undefined);
  const { unmount } = await showSignedIn(<BrowsePage />);
  expect(screen.getByRole('status')).toHaveTextContent('Loading');
  unmount();

  answerWith(503, refusal('unavailable'));
  await showSignedIn(<BrowsePage />);
  expect(await screen.findByRole('alert')).toHaveTextContent('The rooms could not be listed.');
  answerWith(200, { rooms: [] });
  await person.click(screen.getByRole('button', { name: 'Retry' }));
  expect(await screen.findByText('No rooms yet.')).toBeVisible();
  expect(screen.queryByRole('alert')).toBeNull();

  answerWith(200, { rooms: [room('attic', { topic: 'Under the roof', memberCount: 3 }), room('den')] });
  await person.type(screen.getByRole('searchbox'), 'a');
  const [first, second] = await screen.findAllByRole('listitem');
  expect(first).toHaveTextContent('Under the roof');
  expect(first).toHaveTextContent('3 people');
  expect(screen.getByRole('button', { name: 'Join attic' })).toBeVisible();
  expect(second).toHaveTextContent('Joined');
});
