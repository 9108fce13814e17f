import { act, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import type { OverlayProps } from '../ui/Modal';
import { Overlays } from './Overlays';

const line = vi.hoisted(() => {
  let arrives = () => {};
  return { held: new Promise<void>((resolve) => (arrives = resolve)), mends: () => arrives() };
});

vi.mock('./Palette', async () => {
  await line.held;
  return { default: ({ open, typed }: OverlayProps) => open && <output>{typed}</output> };
});

test('54: what is typed before the palette is there waits for it, and is no message', async () => {
  const user = userEvent.setup();
  const pressed = vi.fn();
  const onClose = vi.fn();
  const page = (shown: 'palette' | undefined) => (
    <>
      <textarea onKeyDown={pressed} />
      <Overlays shown={shown} onClose={onClose} />
    </>
  );
  const { rerender } = render(page(undefined));
  const field = screen.getByRole('textbox');
  field.focus();
  await user.keyboard('Hi');
  expect(field).toHaveValue('Hi');
  expect(pressed).toHaveBeenCalledTimes(2);

  rerender(page('palette'));
  await user.keyboard('roomm{Backspace} 7{Enter}');
  expect(field).toHaveValue('Hi');
  expect(pressed).toHaveBeenCalledTimes(2);
  await user.keyboard('{Escape}');
  expect(onClose).toHaveBeenCalledOnce();

  await act(async () => line.mends());
  expect(await screen.findByRole('status')).toHaveTextContent('room 7');
  await user.keyboard('!');
  expect(field).toHaveValue('Hi!');

  // Another time there is nothing left of it.
  rerender(page(undefined));
  rerender(page('palette'));
  expect(screen.getByRole('status')).toHaveTextContent('');
});
