/**
 * The part of the time shown that somebody has come closer to. All plots of the
 * page have one, so that what stands above each other happened together.
 */

/** In seconds; what ended at `from` is not in it. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Zoom {
  readonly seconds: number;
  /** Nothing if it goes on with time: it ends now. */
  readonly to: number | undefined;
}

/** What is left to look at of the whole. Time goes on: a part that it leaves behind goes with it. */
export function spanOf(whole: Span, zoom: Zoom | undefined): Span {
  if (!zoom) return whole;
  const to = Math.min(whole.to, Math.max(zoom.to ?? whole.to, whole.from + zoom.seconds));
  return { from: to - zoom.seconds, to };
}

/**
 * Half as much time, or twice as much, around a moment, which stays where it is.
 * Without one the end stays if that is now, else the middle does.
 */
export function scaled(
  whole: Span,
  zoom: Zoom | undefined,
  by: { factor: number; least: number; around?: number | undefined },
): Zoom | undefined {
  const { from, to } = spanOf(whole, zoom);
  const around = by.around ?? (zoom?.to === undefined ? to : (from + to) / 2);
  const seconds = Math.max(by.least, Math.round((to - from) * by.factor));
  const share = (around - from) / (to - from);
  return zoomTo(whole, around - seconds * share, seconds);
}

/** Earlier or later, by a share of what is seen. */
export function moved(whole: Span, zoom: Zoom | undefined, share: number): Zoom | undefined {
  const { from, to } = spanOf(whole, zoom);
  return zoomTo(whole, from + Math.round((to - from) * share), to - from);
}

/** Between two moments, in whichever order. */
export function between(whole: Span, least: number, one: number, other: number): Zoom | undefined {
  const seconds = Math.max(least, Math.round(Math.abs(other - one)));
  return zoomTo(whole, Math.round((one + other - seconds) / 2), seconds);
}

/** The whole is no zoom. */
function zoomTo(whole: Span, from: number, seconds: number): Zoom | undefined {
  if (seconds >= whole.to - whole.from) return undefined;
  const to = Math.max(from, whole.from) + seconds;
  return { seconds, to: to >= whole.to ? undefined : to };
}
