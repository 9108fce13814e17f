import { expect, test } from 'vitest';
import { between, moved, scaled, spanOf, type Zoom } from './zoom';

const WHOLE = { from: 1_000, to: 1_900 };
const LEAST = 10;

const closer = (zoom?: Zoom, around?: number) => scaled(WHOLE, zoom, { factor: 0.5, least: LEAST, around });
const further = (zoom?: Zoom, around?: number) => scaled(WHOLE, zoom, { factor: 2, least: LEAST, around });
const seen = (zoom: Zoom | undefined) => spanOf(WHOLE, zoom);

test('without a moment to look at, what is new is come closer to, and goes on with time', () => {
  const zoom = closer();
  expect(seen(zoom)).toEqual({ from: 1_450, to: 1_900 });
  expect(spanOf({ from: 1_100, to: 2_000 }, zoom)).toEqual({ from: 1_550, to: 2_000 });
});

test('a moment that is looked at stays where it is', () => {
  const zoom = closer(undefined, 1_300);
  expect(seen(zoom)).toEqual({ from: 1_150, to: 1_600 });
  expect(seen(closer(zoom, 1_300))).toEqual({ from: 1_225, to: 1_450 });
  expect(seen(further(zoom, 1_300))).toEqual(WHOLE);
});

test('of what lies in the past the middle stays', () => {
  const zoom = between(WHOLE, LEAST, 1_200, 1_300);
  expect(seen(closer(zoom))).toEqual({ from: 1_225, to: 1_275 });
  expect(seen(further(zoom))).toEqual({ from: 1_150, to: 1_350 });
});

test('nobody comes closer than a few columns, nor further than the whole', () => {
  const zoom = between(WHOLE, LEAST, 1_500, 1_502);
  expect(seen(zoom)).toEqual({ from: 1_496, to: 1_506 });
  expect(seen(closer(zoom))).toEqual({ from: 1_496, to: 1_506 });
  expect(further()).toBeUndefined();
  expect(between(WHOLE, LEAST, 0, 9_000)).toBeUndefined();
});

test('moving ends at either end, and at the later one it goes on with time', () => {
  const zoom = between(WHOLE, LEAST, 1_400, 1_600);
  expect(seen(moved(WHOLE, zoom, -0.25))).toEqual({ from: 1_350, to: 1_550 });
  expect(seen(moved(WHOLE, zoom, -9))).toEqual({ from: 1_000, to: 1_200 });
  expect(moved(WHOLE, zoom, 9)).toEqual({ seconds: 200, to: undefined });
  expect(moved(WHOLE, undefined, -0.25)).toBeUndefined();
});

test('which of two moments comes first does not matter', () => {
  expect(between(WHOLE, LEAST, 1_700, 1_500)).toEqual(between(WHOLE, LEAST, 1_500, 1_700));
});

test('a part that time has left behind goes on with it', () => {
  const zoom = between(WHOLE, LEAST, 1_000, 1_100);
  expect(spanOf({ from: 1_400, to: 2_300 }, zoom)).toEqual({ from: 1_400, to: 1_500 });
});
