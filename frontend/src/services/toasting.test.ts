import { expect, test, vi } from 'vitest';
import { Toasting, type Words } from './toasting';

function shower() {
  const shown: string[] = [];
  const show = ({ title }: Words) => {
    shown.push(title);
    return () => shown.splice(shown.indexOf(title), 1);
  };
  return { shown, show };
}

test('what is said before anybody shows it is shown as soon as somebody does', () => {
  const toasting = new Toasting();
  const needed = vi.fn();
  toasting.subscribe(needed);
  toasting.say({ title: 'one' });
  toasting.say({ title: 'two' });
  expect(needed).toHaveBeenCalledOnce();
  expect(toasting.needed()).toBe(true);
  const { shown, show } = shower();
  toasting.shownBy(show);
  expect(shown).toEqual(['one', 'two']);
  toasting.say({ title: 'three' });
  expect(shown).toEqual(['one', 'two', 'three']);
});

test('what was taken back is not shown, whether it was shown already or not', () => {
  const toasting = new Toasting();
  const early = toasting.say({ title: 'early' });
  const late = toasting.say({ title: 'late' });
  early();
  const { shown, show } = shower();
  toasting.shownBy(show);
  expect(shown).toEqual(['late']);
  late();
  expect(shown).toEqual([]);
});
