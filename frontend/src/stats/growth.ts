/** How fast the database grows, and how long that can go on. */
import type { Level } from './levels';

export interface Size {
  /** In seconds. */
  readonly at: number;
  readonly bytes: number;
}

/** What becomes of the disk if it goes on like this. */
export type Outlook =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'steady' }
  /** It grows, but nobody can look so far ahead. */
  | { readonly kind: 'later' }
  | { readonly kind: 'full'; readonly days: number };

const DAY = 86_400;
/** From less than this nothing can be said about a day. */
const LEAST_SECONDS = 3_600;
const FORESEEN_DAYS = 3_650;
/** Time to fetch a larger disk, and time to do nothing else. */
const DAYS_TO_WARN = 14;
const DAYS_TO_ALARM = 3;

/** Bytes a day: the straight line that fits best, so that one odd measurement does not decide. */
export function growthPerDay(sizes: readonly Size[]): number | null {
  const first = sizes[0];
  const last = sizes.at(-1);
  if (!first || !last || last.at - first.at < LEAST_SECONDS) return null;
  const meanAt = mean(sizes.map(({ at }) => at));
  const meanBytes = mean(sizes.map(({ bytes }) => bytes));
  let together = 0;
  let spread = 0;
  for (const { at, bytes } of sizes) {
    together += (at - meanAt) * (bytes - meanBytes);
    spread += (at - meanAt) ** 2;
  }
  return (together / spread) * DAY;
}

/** Of a disk that cannot be seen nothing is said, except that nothing grows on it. */
export function outlookOf(free: number | undefined, perDay: number | null): Outlook {
  if (perDay === null) return { kind: 'unknown' };
  if (perDay <= 0) return { kind: 'steady' };
  if (free === undefined) return { kind: 'unknown' };
  const days = free / perDay;
  return days > FORESEEN_DAYS ? { kind: 'later' } : { kind: 'full', days };
}

export function levelOfOutlook(outlook: Outlook): Level {
  if (outlook.kind !== 'full' || outlook.days >= DAYS_TO_WARN) return 'calm';
  return outlook.days < DAYS_TO_ALARM ? 'alarm' : 'warning';
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
