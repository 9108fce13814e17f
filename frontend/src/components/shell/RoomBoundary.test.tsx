import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { RoomBoundary } from './RoomBoundary';

function Room({ paint }: { paint: { missing: boolean } }) {
  if (paint.missing) throw new Error('no such colour');
  return <p>All is well in the den.</p>;
}

test('67: a room that breaks leaves the rest of the page alone, and can be shown again', async () => {
  const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
  const paint = { missing: true };
  render(
    <>
      <nav>Other rooms</nav>
      <RoomBoundary>
        <Room paint={paint} />
      </RoomBoundary>
    </>,
  );
  expect(screen.getByRole('alert')).toHaveTextContent('This room could not be shown.');
  expect(screen.getByRole('navigation')).toHaveTextContent('Other rooms');

  const person = userEvent.setup();
  await person.click(screen.getByRole('button', { name: 'Show the room again' }));
  expect(screen.getByRole('alert')).toBeVisible();
  paint.missing = false;
  await person.click(screen.getByRole('button', { name: 'Show the room again' }));
  expect(screen.getByText('All is well in the den.')).toBeVisible();
  logged.mockRestore();
});
