import { expect, test } from 'vitest';
import { Escapes, type Layer } from './escapes';

test('56: Escape leaves a list, an edit, a reply, a panel, and then goes to the latest', () => {
  const escapes = new Escapes();
  const left: Layer[] = [];
  const order: Layer[] = ['listbox', 'edit', 'reply', 'panel', 'latest'];
  for (const layer of [...order].reverse()) {
    const exit = escapes.enter(layer, () => {
      left.push(layer);
      exit();
      return true;
    });
  }
  while (escapes.press());
  expect(left).toEqual(order);
});

test('56: what has nothing to leave just now lets the next one go', () => {
  const escapes = new Escapes();
  let latest = 0;
  escapes.enter('panel', () => false);
  escapes.enter('latest', () => {
    latest += 1;
    return true;
  });
  expect(escapes.press()).toBe(true);
  expect(latest).toBe(1);
});
