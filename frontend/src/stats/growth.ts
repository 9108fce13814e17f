/** How fast the database grows, and how long that can go on. */

interface Size {
  /** In seconds. */
  readonly at: number;
  readonly bytes: number;
}

const DAY = 86_400;
/** From less than this nothing can be said about a day. */
const LEAST_SECONDS = 600;

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

/** When it is as large as that if it goes on like this; never, if it does not grow. */
export function daysUntil(limit: number, bytes: number, perDay: number | null): number | null {
  if (perDay === null || perDay <= 0) return null;
  return Math.max(0, limit - bytes) / perDay;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
