import { expect, test } from 'vitest';
import { settled } from '../../tests/support/fakeWire';
import { Leading } from './leading';

/** Locks as the tabs of one browser see them: one holds it, the others stand in line. */
class Locks {
  #last: Promise<unknown> = Promise.resolve();

  request(_: string, { signal }: LockOptions, run: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(() => {
      if (signal?.aborted) throw new DOMException('gone', 'AbortError');
      return run();
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

test('68: one tab leads, and when it is closed the next one does', async () => {
  const locks = new Locks() as unknown as LockManager;
  const [first, second, third] = [0, 1, 2].map(() => new Leading('bell', locks)) as [
    Leading,
    Leading,
    Leading,
  ];
  const leading = () => [first, second, third].map((tab) => tab.leads);
  await settled();
  expect(leading()).toEqual([true, false, false]);
  // Closed before its turn has come.
  second.stop();
  first.stop();
  await settled();
  expect(leading()).toEqual([false, false, true]);
});

test('where a browser has no locks, each tab is for itself', () => {
  expect(new Leading('bell', undefined).leads).toBe(true);
});
