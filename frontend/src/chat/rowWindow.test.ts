import { expect, test } from 'vitest';
import { type Keyed, RowWindow } from './rowWindow';

const rows = (count: number, from = 0): Keyed[] =>
  Array.from({ length: count }, (_, index) => ({ key: `r${from + index}` }));

/** A view of 600 px; rows are 40 px high unless a test says otherwise. */
function windowOf(all: readonly Keyed[], height = (_: Keyed) => 40): RowWindow<Keyed> {
  const windowed = new RowWindow<Keyed>();
  windowed.viewHeight = 600;
  for (const row of all) windowed.measured(row.key, height(row));
  return windowed;
}

function shown(windowed: RowWindow<Keyed>, all: readonly Keyed[], held?: string): string[] {
  return windowed
    .pieces(all, windowed.show(all), held)
    .filter((piece) => piece.kind === 'row' || piece.height > 0)
    .map((piece) => (piece.kind === 'row' ? piece.row.key : `${piece.height} px`));
}

test('at the end, the view and some rows above it are on the page, and room for the rest', () => {
  const all = rows(1_000);
  const list = shown(windowOf(all), all);
  expect(list.at(-1)).toBe('r999');
  expect(list[0]).toBe(`${(1_000 - (list.length - 1)) * 40} px`);
  // 600 px of view and 800 px above it.
  expect(list.length - 1).toBe(35);
});

test('in the middle there is room on either side, and all of it adds up', () => {
  const all = rows(1_000);
  const windowed = windowOf(all);
  windowed.place = { key: 'r500', foot: 20 };
  const pieces = windowed.pieces(all, windowed.show(all), undefined);
  const height = pieces.reduce((sum, piece) => sum + (piece.kind === 'row' ? 40 : piece.height), 0);
  expect(height).toBe(40_000);
  const on = shown(windowed, all).filter((one) => one.startsWith('r'));
  expect(on).toContain('r480');
  expect(on).toContain('r535');
  expect(on.length).toBeLessThan(65);
});

test('what comes before the reader or after changes nothing around them', () => {
  const all = rows(200, 100);
  const windowed = windowOf(all);
  windowed.place = { key: 'r200', foot: 20 };
  const before = shown(windowed, all).filter((one) => one.startsWith('r'));
  const more = rows(400);
  const after = shown(windowed, more).filter((one) => one.startsWith('r'));
  expect(after).toEqual(before);
});

test('scrolling a little changes nothing on the page, scrolling further does', () => {
  const all = rows(1_000);
  const windowed = windowOf(all);
  windowed.place = { key: 'r500', foot: 20 };
  const first = windowed.show(all);
  windowed.place = { key: 'r505', foot: 20 };
  expect(windowed.suffices(all, first)).toBe(true);
  expect(windowed.show(all)).toEqual(first);
  windowed.place = { key: 'r515', foot: 20 };
  expect(windowed.suffices(all, first)).toBe(false);
  expect(windowed.show(all).to).toBeGreaterThan(first.to);
});

test('rows far behind are taken off the page again', () => {
  const all = rows(1_000);
  const windowed = windowOf(all);
  let most = 0;
  for (let index = 900; index > 100; index -= 5) {
    windowed.place = { key: `r${index}`, foot: 20 };
    const { from, to } = windowed.show(all);
    most = Math.max(most, to - from);
  }
  // The view, and 1,600 px on either side at the most.
  expect(most).toBeLessThanOrEqual((600 + 2 * 1_600) / 40 + 2);
});

test('a row that is held stays on the page, with the right room around it', () => {
  const all = rows(1_000);
  const windowed = windowOf(all);
  expect(shown(windowed, all, 'r10').slice(0, 3)).toEqual(['400 px', 'r10', `${(965 - 11) * 40} px`]);
  windowed.place = { key: 'r500', foot: 20 };
  const list = shown(windowed, all, 'r990');
  expect(list.slice(-2)).toEqual(['r990', '360 px']);
});

test('a row that was never measured is taken for an average one, and keeps that guess', () => {
  const windowed = new RowWindow<Keyed>();
  expect(windowed.heightOf('a')).toBe(48);
  windowed.measured('b', 100);
  windowed.measured('c', 200);
  expect(windowed.heightOf('d')).toBe(150);
  windowed.measured('c', 300);
  expect(windowed.heightOf('d')).toBe(150);
  expect(windowed.heightOf('e')).toBe(200);
  windowed.measured('d', 20);
  expect(windowed.heightOf('d')).toBe(20);
});

test('while the row one was at is gone, what was there besides it stays', () => {
  const all = rows(1_000);
  const windowed = windowOf(all);
  windowed.place = { key: 'r500', foot: 20 };
  const before = windowed.show(all);
  const without = all.filter((row) => row.key !== 'r500');
  expect(windowed.show(without)).toEqual({ from: before.from, to: before.to - 1 });
});

test('where a dragged scroll bar leads is reckoned from the end', () => {
  const all = rows(1_000);
  const windowed = windowOf(all, (row) => (row.key === 'r999' ? 400 : 40));
  expect(windowed.rowAt(all, 300)?.key).toBe('r999');
  expect(windowed.rowAt(all, 4_400)?.key).toBe('r899');
  expect(windowed.rowAt(all, 1_000_000)?.key).toBe('r0');
});

test('heights of rows that are gone are forgotten in time', () => {
  const windowed = windowOf(rows(10_000));
  const few = rows(100);
  windowed.show(few);
  windowed.measured('r0', 1_000);
  // The mean is that of the hundred that are left.
  expect(windowed.heightOf('unknown')).toBe((99 * 40 + 1_000) / 100);
});
