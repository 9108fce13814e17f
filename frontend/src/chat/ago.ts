/** How long ago something was, in the largest unit that fits: nobody counts hours in minutes. */

const UNITS = [
  ['year', 365 * 86_400_000],
  ['month', 30 * 86_400_000],
  ['week', 7 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

interface Ago {
  readonly count: number;
  readonly unit: (typeof UNITS)[number][0];
}

/** Nothing for what was within this minute; clocks differ, so that it may even be to come. */
export function agoOf(then: number, now: number): Ago | undefined {
  const passed = now - then;
  const fitting = UNITS.find(([, ms]) => passed >= ms);
  return fitting && { count: Math.floor(passed / fitting[1]), unit: fitting[0] };
}
