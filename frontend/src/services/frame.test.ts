import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { betweenKeys, nextFrame } from './frame';

let frames: Map<number, (now: number) => void>;
let now = 0;

/** The screen draws: whoever waited for it runs, and may wait for the next one. */
function draw(afterMs: number): void {
  now += afterMs;
  const waiting = [...frames.values()];
  frames.clear();
  for (const run of waiting) run(now);
}

/** Somebody presses a key: it is handled before the next frame, which shows it. */
function press(keys: EventTarget): void {
  const event = new Event('keydown');
  Object.defineProperty(event, 'timeStamp', { value: now });
  keys.dispatchEvent(event);
}

/** Counts how often it has run, and always waits for the next time, as news of a busy room does. */
function busyRoom(schedule: (run: () => void) => void) {
  const room = { shown: 0 };
  const arrive = () =>
    schedule(() => {
      room.shown += 1;
      arrive();
    });
  arrive();
  return room;
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

test('a frame that shows a key shows nothing of others, the next one does', () => {
  const keys = new EventTarget();
  const room = busyRoom(betweenKeys(keys));
  draw(16);
  expect(room.shown).toBe(1);
  press(keys);
  draw(16);
  expect(room.shown).toBe(1);
  draw(16);
  expect(room.shown).toBe(2);
});

test('while somebody types, what others do is shown once a key, right after it', () => {
  const keys = new EventTarget();
  const room = busyRoom(betweenKeys(keys));
  for (let key = 1; key <= 5; key += 1) {
    press(keys);
    draw(16);
    expect(room.shown).toBe(key - 1);
    draw(16);
    expect(room.shown).toBe(key);
    for (let frame = 0; frame < 4; frame += 1) draw(16);
    expect(room.shown).toBe(key);
  }
});

test('once the hands rest every frame is free again', () => {
  const keys = new EventTarget();
  const room = busyRoom(betweenKeys(keys));
  press(keys);
  draw(16);
  draw(16);
  draw(200);
  const { shown } = room;
  draw(16);
  draw(16);
  expect(room.shown).toBe(shown + 2);
});

test('whoever types faster than a machine can draw still hears of others', () => {
  const keys = new EventTarget();
  const run = vi.fn();
  betweenKeys(keys)(run);
  for (let frame = 0; frame < 4; frame += 1) {
    press(keys);
    draw(100);
    vi.advanceTimersByTime(100);
  }
  expect(run).toHaveBeenCalledOnce();
});

test('what the user does is shown with the frame of the key', () => {
  const keys = new EventTarget();
  busyRoom(betweenKeys(keys));
  const run = vi.fn();
  press(keys);
  nextFrame(run);
  draw(16);
  expect(run).toHaveBeenCalledOnce();
});
