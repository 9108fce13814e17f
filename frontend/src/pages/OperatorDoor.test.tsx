import { act, screen } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { owner, serve } from '../../tests/support/operator';
import { ana } from '../../tests/support/people';
import { showSignedIn } from '../../tests/support/signedIn';
import { OperatorDoor } from './OperatorDoor';

beforeEach(() => {
  history.replaceState(null, '', '/admin/log');
  serve({ 'GET /api/admin/audit': () => ({ entries: [] }) });
});

test('67: who is no operator is told whom the page is for, and nothing is asked for', async () => {
  const asked = serve({});
  await showSignedIn(<OperatorDoor />, ana);
  expect(screen.getByRole('heading', { name: 'This page is for operators' })).toBeVisible();
  expect(asked).toEqual([]);
});

test('an operator comes in, at the part that the address names', async () => {
  await showSignedIn(<OperatorDoor />, owner);
  expect(await screen.findByRole('link', { name: 'Audit log', current: 'page' })).toBeVisible();
  expect(await screen.findByText('Nothing has been done yet.')).toBeVisible();
});

test('who is made an operator meanwhile comes in', async () => {
  const { chat } = await showSignedIn(<OperatorDoor />, ana);
  await act(async () => chat.meet(owner));
  expect(await screen.findByRole('link', { name: 'Audit log', current: 'page' })).toBeVisible();
});
