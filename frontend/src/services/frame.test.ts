import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { nextFrame } from './frame';

let frames: Map<number, (now: number) => void>;
let now = 0;

/** The screen draws: whoever waited for it runs, and may wait for the next one. */
function draw(afterMs: number): void {
  now += afterMs;
  const waiting = [...frames.values()];
  frames.clear();
  for (const run of waiting) run(now);
}

beforeEach(() => {
  let count = 0;
  frames = new Map();
  vi.useFakeTimers();
  vi.stubGlobal('requestAnimationFrame', (run: (now: number) => void) => {
    count += 1;
    frames.set(count, run);
    return count;
  });
  vi.stubGlobal('cancelAnimationFrame', (frame: number) => frames.delete(frame));
  now += 1_000;
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('what changes is shown with the next frame', () => {
  const run = vi.fn();
  nextFrame(run);
  expect(run).not.toHaveBeenCalled();
  draw(16);
  expect(run).toHaveBeenCalledOnce();
});

test('a screen of 240 frames a second is drawn on sixty times at most', () => {
  let runs = 0;
  let waiting = false;
  for (let frame = 0; frame < 240; frame += 1) {
    // One at a time, as those who gather changes do.
    if (!waiting) {
      waiting = true;
      nextFrame(() => {
        waiting = false;
        runs += 1;
      });
    }
    draw(1_000 / 240);
  }
  expect(runs).toBe(60);
});

test('a hidden tab draws nothing, and hears of changes all the same', () => {
  const run = vi.fn();
  nextFrame(run);
  vi.advanceTimersByTime(250);
  expect(run).toHaveBeenCalledOnce();
  draw(16);
  expect(run).toHaveBeenCalledOnce();
});
