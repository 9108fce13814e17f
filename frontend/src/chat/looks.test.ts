import { expect, test } from 'vitest';
import { Looks, type LookWord } from './looks';

/** Tabs that hear each other at once. */
class Browser {
  readonly #listeners = new Map<string, (word: LookWord) => void>();

  open(tab: string): Looks {
    return new Looks(tab, {
      tell: (word) => {
        for (const [other, listener] of this.#listeners) if (other !== tab) listener(word);
      },
      hear: (listener) => void this.#listeners.set(tab, listener),
    });
  }
}

test('59: every tab knows which room is looked at in another', () => {
  const browser = new Browser();
  const [one, two] = [browser.open('one'), browser.open('two')];
  two.look('den');
  expect([one.at, two.at]).toEqual(['den', 'den']);
  two.look(undefined);
  expect([one.at, two.at]).toEqual([undefined, undefined]);
});

test('59: a tab that loses the focus after another has it takes nothing away', () => {
  const browser = new Browser();
  const [one, two] = [browser.open('one'), browser.open('two')];
  one.look('den');
  two.look('garden');
  one.look(undefined);
  expect([one.at, two.at]).toEqual(['garden', 'garden']);
});

test('59: a tab that is opened later is told', () => {
  const browser = new Browser();
  browser.open('one').look('den');
  expect(browser.open('two').at).toBe('den');
});
