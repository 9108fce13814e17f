/**
 * Measures what is felt in this browser, and tells the server when the page is
 * hidden: that may be the last that is heard of it.
 */
import type { Felt } from '../chat/felt';
import { api } from './api';

interface Measured extends PerformanceEntry {
  interactionId?: number;
  value?: number;
  hadRecentInput?: boolean;
}

/** Below this a press is felt as immediate; the browser measures none that are shorter. */
const SHORTEST_PRESS_MS = 16;
/** The file that runs is named after what is in it. */
const RELEASE = /([\w.-]+)\.js/.exec(import.meta.url)?.[1] ?? 'development';

export function feel(felt: Felt, mayTell: () => boolean): void {
  observe('largest-contentful-paint', ({ startTime }) => felt.painted(startTime));
  observe('event', ({ interactionId, duration }) => {
    if (interactionId) felt.pressed(interactionId, duration);
  });
  observe('layout-shift', ({ startTime, value, hadRecentInput }) => {
    if (value && !hadRecentInput) felt.shifted(startTime, value);
  });
  document.addEventListener('visibilitychange', () => {
    if (document.hidden && mayTell()) tell(felt);
  });
}

/** A browser that does not measure something is not asked to. */
function observe(type: string, each: (entry: Measured) => void): void {
  if (typeof PerformanceObserver === 'undefined' || !PerformanceObserver.supportedEntryTypes.includes(type))
    return;
  const options = { type, buffered: true, durationThreshold: SHORTEST_PRESS_MS };
  new PerformanceObserver((list) => list.getEntries().forEach(each)).observe(options);
}

function tell(felt: Felt): void {
  const feelings = felt.take();
  if (!feelings) return;
  // Nobody waits for this, and the next will be as good.
  api.tellVitals({ release: RELEASE, ...feelings }).catch(() => undefined);
}
