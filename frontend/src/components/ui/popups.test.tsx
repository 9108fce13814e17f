import { act, fireEvent, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Pencil, Trash2 } from 'lucide-react';
import { expect, test, vi } from 'vitest';
import { IconButton } from './IconButton';
import { MenuButton } from './MenuButton';
import { Tips } from './Tips';

function showMenu() {
  const act = vi.fn();
  render(
    <MenuButton
      label="More"
      entries={[
        { icon: Pencil, label: 'Edit', act: () => act('edit') },
        { icon: Trash2, label: 'Delete', act: () => act('delete'), danger: true },
      ]}
    >
      …
    </MenuButton>,
  );
  return { act, person: userEvent.setup(), button: screen.getByRole('button', { name: 'More' }) };
}

test('a menu that is opened with a key is at its first entry, and gives the focus back', async () => {
  const { act, person, button } = showMenu();
  await person.tab();
  await person.keyboard('{Enter}');
  expect(button).toHaveAttribute('aria-expanded', 'true');
  await waitFor(() => expect(screen.getByRole('menuitem', { name: 'Edit' })).toHaveFocus());
  await person.keyboard('{ArrowDown}{Enter}');
  expect(act).toHaveBeenCalledExactlyOnceWith('delete');
  await waitFor(() => expect(button).toHaveFocus());
  expect(screen.queryByRole('menu')).toBeNull();
});

test('a menu that is pointed open closes with Escape and does nothing', async () => {
  const { act, person, button } = showMenu();
  await person.click(button);
  await screen.findByRole('menu');
  await person.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('menu')).toBeNull());
  expect(act).not.toHaveBeenCalled();
  expect(button).toHaveAttribute('aria-expanded', 'false');
});

test('the name of an icon is shown when it is pointed at for a moment, and goes with Escape', () => {
  vi.useFakeTimers();
  try {
    render(
      <>
        <IconButton label="Reply">R</IconButton>
        <Tips />
      </>,
    );
    const button = screen.getByRole('button', { name: 'Reply' });
    const wait = (ms: number) => act(() => vi.advanceTimersByTime(ms));
    fireEvent.pointerOver(button, { pointerType: 'mouse' });
    wait(400);
    expect(screen.queryByText('Reply')).toBeNull();
    wait(100);
    const tip = screen.getByText('Reply');
    expect(tip).toBeVisible();
    // On the way to the name itself it stays.
    fireEvent.pointerOver(document.body, { pointerType: 'mouse' });
    fireEvent.pointerOver(tip, { pointerType: 'mouse' });
    wait(1_000);
    expect(tip).toBeVisible();
    fireEvent.keyDown(document.body, { key: 'Escape' });
    wait(0);
    expect(tip).not.toBeVisible();
    // A finger needs no name before it touches.
    fireEvent.pointerOver(button, { pointerType: 'touch' });
    wait(1_000);
    expect(tip).not.toBeVisible();
  } finally {
    vi.useRealTimers();
  }
});

test('a name stays while what it names does, and goes when that is scrolled away', () => {
  vi.useFakeTimers();
  try {
    render(
      <>
        <IconButton label="Reply">R</IconButton>
        <input aria-label="Message" />
        <Tips />
      </>,
    );
    const button = screen.getByRole('button', { name: 'Reply' });
    const wait = (ms: number) => act(() => vi.advanceTimersByTime(ms));
    fireEvent.pointerOver(button, { pointerType: 'mouse' });
    // Neither is about what is pointed at.
    fireEvent.scroll(document.body);
    fireEvent.focusOut(screen.getByRole('textbox', { name: 'Message' }));
    wait(500);
    const tip = screen.getByText('Reply');
    expect(tip).toBeVisible();
    // Also when it is the name that is pointed at.
    fireEvent.pointerOver(document.body, { pointerType: 'mouse' });
    fireEvent.pointerOver(tip, { pointerType: 'mouse' });
    fireEvent.focusOut(screen.getByRole('textbox', { name: 'Message' }));
    wait(1_000);
    expect(tip).toBeVisible();
    vi.spyOn(button, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, 40, 24, 24));
    fireEvent.scroll(document.body);
    wait(0);
    expect(tip).not.toBeVisible();
  } finally {
    vi.useRealTimers();
  }
});
