/**
 * Runs something before the next frame, or soon when there will be none: a
 * hidden tab draws no frames, and its title and counts must still move. A screen
 * that draws more than sixty frames a second is not kept busy with each of them.
 */
const WITHOUT_FRAMES_MS = 250;
/** A little less than a sixtieth of a second, since frames are not drawn to the millisecond. */
const APART_MS = 15;

let lastRun = Number.NEGATIVE_INFINITY;

export function nextFrame(run: () => void): void {
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
    if (now - lastRun >= APART_MS) once(now);
    else frame = requestAnimationFrame(draw);
  };
  let frame = requestAnimationFrame(draw);
  const timer = setTimeout(() => once(performance.now()), WITHOUT_FRAMES_MS);
}
