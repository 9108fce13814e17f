/** How long a room can be silent by itself, before it speaks again. */

export const MUTINGS = ['hour', 'tomorrow'] as const;

export type Muting = (typeof MUTINGS)[number];

/** When people who said “until tomorrow” expect to be asked for again. */
const MORNING = 8;

export function endOf(muting: Muting, now: Date): Date {
  if (muting === 'hour') return new Date(now.getTime() + 3_600_000);
  // By the calendar, since a day with a change of clocks is no 24 hours.
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, MORNING);
}
