import { fireEvent, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { showSignedIn } from '../../../tests/support/signedIn';
import { NotificationSettings } from './NotificationSettings';

/** A browser that was told this, and that answers so when it has to ask. */
function browserThatSays(permission: string, answer = permission) {
  const browser = {
    permission,
    requestPermission: vi.fn(async () => {
      browser.permission = answer;
    }),
  };
  vi.stubGlobal('Notification', browser);
  return browser;
}

async function show() {
  return { ...(await showSignedIn(<NotificationSettings />)), person: userEvent.setup() };
}

test('58: what notifications are for is said before the browser asks, and it asks only after a click', async () => {
  const browser = browserThatSays('default', 'granted');
  const { person, chat } = await show();
  chat.settings.change({ notifies: false });
  expect(screen.getByText(/While you look elsewhere/)).toBeVisible();
  expect(browser.requestPermission).not.toHaveBeenCalled();
  await person.click(screen.getByRole('button', { name: 'Turn on notifications' }));
  expect(browser.requestPermission).toHaveBeenCalledOnce();
  const toggle = await screen.findByRole('checkbox', { name: /Notifications of the system/ });
  expect(toggle).toBeChecked();
  expect(toggle).toHaveFocus();
  await person.click(toggle);
  expect(chat.settings.now().notifies).toBe(false);
});

test('58: a browser that was told no says how to undo that, and does not ask again', async () => {
  const browser = browserThatSays('default', 'denied');
  const { person } = await show();
  await person.click(screen.getByRole('button', { name: 'Turn on notifications' }));
  expect(await screen.findByRole('status')).toHaveTextContent(/To undo that, open the settings of this site/);
  expect(screen.queryByRole('button', { name: 'Turn on notifications' })).not.toBeInTheDocument();
  // What is allowed in the browser's own settings shows on the return.
  browser.permission = 'granted';
  fireEvent.focus(window);
  expect(screen.getByRole('checkbox', { name: /Notifications of the system/ })).toBeVisible();
});

test('58: where there are none, nothing is offered', async () => {
  await show();
  expect(screen.getByText('This browser shows no notifications of this page.')).toBeVisible();
  expect(screen.queryByRole('button')).not.toBeInTheDocument();
});

test('59: hours of rest are chosen by the minute', async () => {
  const { person, chat } = await show();
  expect(screen.queryByLabelText('From')).not.toBeInTheDocument();
  await person.click(screen.getByRole('checkbox', { name: /Do not disturb/ }));
  expect(screen.getByLabelText('From')).toHaveValue('22:00');
  fireEvent.change(screen.getByLabelText('To'), { target: { value: '08:30' } });
  // A time that is being typed is none yet.
  fireEvent.change(screen.getByLabelText('From'), { target: { value: '' } });
  expect(chat.settings.now()).toMatchObject({ quiet: true, quietFrom: '22:00', quietTo: '08:30' });
});

test('59: the sound is for mentions and direct messages, unless somebody wants another', async () => {
  const { person, chat } = await show();
  expect(screen.getByRole('radio', { name: 'Mentions and direct messages' })).toBeChecked();
  await person.click(screen.getByRole('radio', { name: 'Never' }));
  expect(chat.settings.now().sound).toBe('never');
});
