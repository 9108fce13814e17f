import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { account, owner, Refusal, serve } from '../../../tests/support/operator';
import { time } from '../../../tests/support/people';
import { showSignedIn } from '../../../tests/support/signedIn';
import type { PatchAdminUser } from '../../protocol';
import { People } from './People';

beforeEach(() => history.replaceState(null, '', '/admin/people'));

const bo = account('bo', { email: 'bo@roost.example' });

const served = (...users: ReturnType<typeof account>[]) => ({
  'GET /api/admin/users': () => ({ users }),
  'PATCH /api/admin/users/u-bo': ({ body }: { body: unknown }) => {
    const { role, deactivated } = body as PatchAdminUser;
    return {
      ...bo,
      ...(role && { role }),
      ...(deactivated && { deactivatedAt: time(0), sessions: 0 }),
    };
  },
});

const row = async (name: string) => within(await screen.findByRole('row', { name: new RegExp(name) }));

test('a role is another only after it was said yes to, and the server has done it', async () => {
  const asked = serve(served(account('ana', owner), bo));
  await showSignedIn(<People />, owner);
  const person = userEvent.setup();
  const role = () => screen.getByRole('combobox', { name: 'Role of Bo' });
  await row('bo@roost.example');
  await person.selectOptions(role(), 'Admin');
  expect(asked.some(({ method }) => method === 'PATCH')).toBe(false);
  expect(await screen.findByRole('alertdialog', { name: 'Change the role of Bo to Admin?' })).toBeVisible();
  expect(screen.getByText(/Admins see this page/)).toBeVisible();
  await person.click(await screen.findByRole('button', { name: 'Change role' }));
  await waitFor(() => expect(role()).toHaveValue('admin'));
  expect(asked.at(-1)).toMatchObject({ method: 'PATCH', body: { role: 'admin' } });
});

test('deactivating asks first and says what it does; nothing happens without a yes', async () => {
  const asked = serve(served(bo));
  await showSignedIn(<People />, owner);
  const person = userEvent.setup();
  await person.click(await screen.findByRole('button', { name: 'Deactivate: Bo' }));
  expect(await screen.findByText(/All their sessions end at once/)).toBeVisible();
  await person.click(screen.getByRole('button', { name: 'Cancel' }));
  expect(asked.some(({ method }) => method === 'PATCH')).toBe(false);
  await person.click(screen.getByRole('button', { name: 'Deactivate: Bo' }));
  await person.click(await screen.findByRole('button', { name: 'Deactivate' }));
  expect(await screen.findByText(/^Deactivated Nov/)).toBeVisible();
  expect(screen.getByRole('button', { name: 'Reactivate: Bo' })).toBeVisible();
});

test('what the server refuses is said, and the row stays as it is', async () => {
  serve({
    ...served(bo),
    'PATCH /api/admin/users/u-bo': () => new Refusal(409, 'conflict'),
  });
  await showSignedIn(<People />, owner);
  const person = userEvent.setup();
  await row('bo@roost.example');
  await person.selectOptions(screen.getByRole('combobox', { name: 'Role of Bo' }), 'Guest');
  await person.click(await screen.findByRole('button', { name: 'Change role' }));
  await waitFor(() => expect(screen.getByRole('combobox', { name: 'Role of Bo' })).toBeEnabled());
  expect(screen.getByRole('combobox', { name: 'Role of Bo' })).toHaveValue('member');
});

test('an admin may act on members, but neither on operators nor on themselves', async () => {
  const admin = { ...owner, role: 'admin' as const };
  serve(served(account('ana', admin), account('cleo', { role: 'owner' }), bo));
  await showSignedIn(<People />, admin);
  await row('cleo');
  const choices = screen.getAllByRole('combobox', { name: /^Role of/ });
  expect(choices).toHaveLength(1);
  expect(
    within(choices[0] as HTMLElement)
      .getAllByRole('option')
      .map((one) => one.textContent),
  ).toEqual(['Member', 'Guest']);
  expect(screen.getAllByRole('button', { name: /^Deactivate/ })).toHaveLength(1);
});

test('what narrows the list is in the address, and comes from there', async () => {
  history.replaceState(null, '', '/admin/people?role=guest');
  const asked = serve(served(bo));
  await showSignedIn(<People />, owner);
  const person = userEvent.setup();
  await row('bo');
  await person.type(screen.getByRole('searchbox', { name: 'Find somebody' }), 'bo');
  await waitFor(() => expect(asked.at(-1)?.query.get('q')).toBe('bo'));
  expect(asked.at(-1)?.query.get('role')).toBe('guest');
  expect(location.search).toBe('?role=guest&q=bo');
});

test('67: nobody who fits, and a list that did not come, each say so; the latter can be asked for again', async () => {
  let broken = true;
  serve({
    'GET /api/admin/users': () => (broken ? new Refusal(500, 'internal') : { users: [] }),
  });
  await showSignedIn(<People />, owner);
  const person = userEvent.setup();
  const trouble = await screen.findByRole('alert');
  expect(trouble).toHaveTextContent('It is internal.');
  expect(trouble).toHaveTextContent('Request request-1');
  expect(within(trouble).getByRole('button', { name: 'Copy' })).toBeVisible();
  broken = false;
  await person.click(screen.getByRole('button', { name: 'Retry' }));
  expect(await screen.findByText('Nobody fits.')).toBeVisible();
  expect(screen.queryByRole('alert')).not.toBeInTheDocument();
});

test('67: whom the server refuses sees that the page is not for them', async () => {
  serve({ 'GET /api/admin/users': () => new Refusal(403, 'forbidden') });
  await showSignedIn(<People />, owner);
  expect(await screen.findByRole('heading', { name: 'This page is for operators' })).toBeVisible();
});

test('sessions are listed by what their clients are called, and ended one by one or all at once', async () => {
  const session = (id: string, userAgent: string) => ({
    id,
    userAgent,
    createdAt: time(0),
    lastUsedAt: time(5),
    expiresAt: time(9_000),
    current: false,
  });
  const sessions = [session('s1', 'Mozilla/5.0 (X11; Linux) Firefox/140.0'), session('s2', 'curl/8')];
  const asked = serve({
    ...served({ ...bo, sessions: 2 }),
    'GET /api/admin/users/u-bo/sessions': () => ({ sessions }),
    'DELETE /api/admin/users/u-bo/sessions/s1': () => ({}),
    'DELETE /api/admin/users/u-bo/sessions': () => ({}),
  });
  await showSignedIn(<People />, owner);
  const person = userEvent.setup();
  await person.click(await screen.findByRole('button', { name: 'Sessions of Bo' }));
  await person.click(await screen.findByRole('button', { name: 'End Firefox, Linux' }));
  await waitFor(() => expect(screen.queryByText('Firefox, Linux')).not.toBeInTheDocument());
  expect(screen.getByText('curl/8')).toBeVisible();
  expect(asked.at(-1)).toMatchObject({ method: 'DELETE', path: '/api/admin/users/u-bo/sessions/s1' });
});
