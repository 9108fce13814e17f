import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { act, owner, serve } from '../../../tests/support/operator';
import { showSignedIn } from '../../../tests/support/signedIn';
import { AuditLog } from './AuditLog';

beforeEach(() => history.replaceState(null, '', '/admin/log'));

const changes = { before: { role: 'member' }, after: { role: 'admin' } } as object;

test('an entry says who did what to whom, what was before and after, and by which request', async () => {
  serve({
    'GET /api/admin/audit': () => ({
      entries: [act(1, { ...changes, requestId: 'r-77', address: '192.0.2.7' })],
    }),
  });
  await showSignedIn(<AuditLog />, owner);
  const entry = (await screen.findByText('bo')).closest('li') as HTMLElement;
  expect(entry).toHaveTextContent(/Ana changed the role of bo/);
  expect(within(entry).getByText('Member').closest('del')).toBeVisible();
  expect(within(entry).getByText('Admin').closest('ins')).toBeVisible();
  expect(entry).toHaveTextContent('192.0.2.7');
  expect(entry).toHaveTextContent('r-77');
});

test('what is said of one side only is not shown as a change', async () => {
  const change = { before: { userAgent: 'Mozilla/5.0 (X11; Linux) Firefox/140.0' } } as object;
  serve({
    'GET /api/admin/audit': () => ({ entries: [act(1, { action: 'session.revoked', ...change })] }),
  });
  await showSignedIn(<AuditLog />, owner);
  const entry = (await screen.findByText('bo')).closest('li') as HTMLElement;
  expect(entry).toHaveTextContent(/ended a session of bo.*client.*Firefox, Linux/);
  expect(entry.querySelector('del, ins')).toBeNull();
});

test('further pages follow the last entry, until the log begins', async () => {
  const asked = serve({
    'GET /api/admin/audit': ({ query }) =>
      query.get('before') === 'act-2'
        ? { entries: [act(1, { action: 'user.deactivated' })] }
        : { entries: [act(3), act(2)], nextCursor: 'act-2' },
  });
  await showSignedIn(<AuditLog />, owner);
  const person = userEvent.setup();
  await person.click(await screen.findByRole('button', { name: 'Load more' }));
  expect(await screen.findByText(/deactivated/)).toBeVisible();
  expect(screen.getByText('That is where the log begins.')).toBeVisible();
  expect(asked.map(({ query }) => query.get('before'))).toEqual([null, 'act-2']);
});

test('what narrows the log is in the address', async () => {
  const asked = serve({ 'GET /api/admin/audit': () => ({ entries: [act(1)] }) });
  await showSignedIn(<AuditLog />, owner);
  const person = userEvent.setup();
  await person.selectOptions(await screen.findByRole('combobox', { name: 'What' }), 'Role changed');
  await waitFor(() => expect(asked.at(-1)?.query.get('action')).toBe('user.role_changed'));
  await person.click(screen.getByRole('button', { name: 'Ana' }));
  await waitFor(() => expect(asked.at(-1)?.query.get('actor')).toBe(owner.id));
  expect(location.search).toBe(`?action=user.role_changed&actor=${owner.id}`);
  await person.click(screen.getByRole('button', { name: /Who: Ana/ }));
  await waitFor(() => expect(asked.at(-1)?.query.get('actor')).toBeNull());
});

test('67: a log in which nothing is written says what will be', async () => {
  serve({ 'GET /api/admin/audit': () => ({ entries: [] }) });
  await showSignedIn(<AuditLog />, owner);
  expect(await screen.findByText('Nothing has been done yet.')).toBeVisible();
});
