/**
 * When something that has changed is shown: before the next frame, or soon when
 * there will be none. A hidden tab draws no frames, and its title and counts must
 * still move. A screen that draws more than sixty frames a second is not kept
 * busy with each of them.
 */
const WITHOUT_FRAMES_MS = 250;
/** A little less than a sixtieth of a second, since frames are not drawn to the millisecond. */
const APART_MS = 15;
/** Somebody types for as long as their keys are no further apart than this. */
const TYPES_FOR_MS = 200;

let lastRun = Number.NEGATIVE_INFINITY;

export function nextFrame(run: () => void): void {
  inFrame(run, () => true);
}

/**
 * Lets what can wait a little keep out of the way of somebody's keys. The frame
 * that shows a key shows nothing else, and the one right after it is the furthest
 * from the next key: for as long as somebody types, that is when things run.
 */
export function betweenKeys(keys: EventTarget): (run: () => void) => void {
  let pressedAt = Number.NEGATIVE_INFINITY;
  let key: 'pressed' | 'shown' | 'past' = 'past';
  keys.addEventListener(
    'keydown',
    (event) => {
      pressedAt = event.timeStamp;
      key = 'pressed';
    },
    { capture: true, passive: true },
  );

  function isFree(now: number): boolean {
    const last = key;
    key = last === 'pressed' ? 'shown' : 'past';
    return last === 'shown' || now - pressedAt > TYPES_FOR_MS;
  }

  return (run) => inFrame(run, isFree);
}

function inFrame(run: () => void, isFree: (now: number) => boolean): void {
  let done = false;
  const once = (now: number) => {
    if (done) return;
    done = true;
    lastRun = now;
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    run();
  };
  const draw = (now: number) => {
    if (now - lastRun >= APART_MS && isFree(now)) once(now);
    else frame = requestAnimationFrame(draw);
  };
  let frame = requestAnimationFrame(draw);
  const timer = setTimeout(() => once(performance.now()), WITHOUT_FRAMES_MS);
}
