/**
 * Runs something before the next frame, or soon when there will be none: a
 * hidden tab draws no frames, and its title and counts must still move.
 */
const WITHOUT_FRAMES_MS = 250;

export function nextFrame(run: () => void): void {
  let done = false;
  const once = () => {
    if (done) return;
    done = true;
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    run();
  };
  const frame = requestAnimationFrame(once);
  const timer = setTimeout(once, WITHOUT_FRAMES_MS);
}
