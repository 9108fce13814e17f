import { act } from '@testing-library/react';
import { expect, test } from 'vitest';
import { showSignedIn } from '../../tests/support/signedIn';
import { Commands } from '../chat/commands';
import { Escapes } from '../chat/escapes';
import { type Shell, ShellContext } from './useShell';
import { useShellCommands } from './useShellCommands';

const shell: Shell = { commands: new Commands(), escapes: new Escapes(), show: () => {} };

function House() {
  useShellCommands(shell, () => {});
  return null;
}

test('42: the list of keys tells which way Enter works', async () => {
  const { chat } = await showSignedIn(
    <ShellContext value={shell}>
      <House />
    </ShellContext>,
  );
  const keysOf = (id: string) => shell.commands.list.find((command) => command.id === id)?.keys;
  expect([keysOf('send'), keysOf('newLine')]).toEqual([['Enter'], ['Shift+Enter']]);
  await act(async () => chat.settings.change({ enterSends: false }));
  expect([keysOf('send'), keysOf('newLine')]).toEqual([['Shift+Enter'], ['Enter']]);
});

test('operators find their page among what can be done, and nobody else does', async () => {
  const { chat } = await showSignedIn(
    <ShellContext value={shell}>
      <House />
    </ShellContext>,
  );
  const names = () => shell.commands.list.map((command) => command.name);
  expect(names()).not.toContain('Operator’s page');
  await act(async () => chat.meet({ ...chat.me, role: 'admin' }));
  expect(names()).toContain('Operator’s page');
});
