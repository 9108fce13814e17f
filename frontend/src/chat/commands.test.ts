import { expect, test } from 'vitest';
import { type Command, Commands, keysOf, type Press, shownKeys } from './commands';

const press = (key: string, held: Partial<Press> = {}): Press => ({
  key,
  code: '',
  altKey: false,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  ...held,
});

const ran: string[] = [];
const command = (id: string, ...keys: string[]): Command => ({
  id,
  group: 'moving',
  name: id,
  keys,
  run: () => ran.push(id),
});

test('54: a key press finds the command that names it, for as long as it is offered', () => {
  const commands = new Commands();
  const palette = command('palette', 'Mod+K');
  const stop = commands.offer(() => [palette]);
  const typing = { apple: false, singleKeys: false };
  expect(commands.find(press('k', { ctrlKey: true }), typing)).toBe(palette);
  expect(commands.find(press('k', { metaKey: true }), typing)).toBeUndefined();
  expect(commands.find(press('k', { metaKey: true }), { ...typing, apple: true })).toBe(palette);
  expect(commands.find(press('k', { ctrlKey: true, shiftKey: true }), typing)).toBeUndefined();
  stop();
  expect(commands.find(press('k', { ctrlKey: true }), typing)).toBeUndefined();
});

test('54: keys do what is written on them, whatever script they write', () => {
  expect(keysOf(press('ن', { code: 'KeyK', ctrlKey: true }), false)).toBe('Mod+K');
  expect(keysOf(press('л', { code: 'KeyK', ctrlKey: true }), false)).toBe('Mod+K');
  // On a layout that has moved a Latin letter, the letter counts.
  expect(keysOf(press('k', { code: 'KeyV', ctrlKey: true }), false)).toBe('Mod+K');
});

test('56: a key alone is a command only outside of text, and where it is wanted', () => {
  const commands = new Commands();
  const help = command('help', '?', 'Mod+/');
  commands.offer(() => [help]);
  expect(commands.find(press('?', { shiftKey: true }), { apple: false, singleKeys: true })).toBe(help);
  expect(commands.find(press('?', { shiftKey: true }), { apple: false, singleKeys: false })).toBeUndefined();
  expect(commands.find(press('/', { ctrlKey: true }), { apple: false, singleKeys: false })).toBe(help);
});

test('56: F6 and what is held with Shift are no single keys', () => {
  const commands = new Commands();
  const [next, previous] = [command('next', 'F6'), command('previous', 'Shift+F6')];
  commands.offer(() => [next, previous]);
  const writing = { apple: false, singleKeys: false };
  expect(commands.find(press('F6'), writing)).toBe(next);
  expect(commands.find(press('F6', { shiftKey: true }), writing)).toBe(previous);
});

test('54: keys are shown as they are written on the keyboard', () => {
  expect(shownKeys('Mod+K', false)).toEqual(['Ctrl', 'K']);
  expect(shownKeys('Mod+K', true)).toEqual(['⌘', 'K']);
  expect(shownKeys('Alt+Shift+ArrowUp', false)).toEqual(['Alt', 'Shift', '↑']);
  expect(shownKeys('+', false)).toEqual(['+']);
});
