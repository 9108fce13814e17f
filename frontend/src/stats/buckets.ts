/**
 * How long things took, counted in buckets: place `i` holds how many took at most
 * 2^i microseconds and more than half of that.
 *
 * What several nodes counted, or one node at several times, can be added up, which
 * cannot be said of percentiles. Those are read from the sum, last.
 */

export type Buckets = readonly number[];

const LEAST_TO_JUDGE = 20;
/** A hump of fewer than this share is an accident, not a population. */
const LEAST_SHARE = 0.01;

export function added(one: Buckets, other: Buckets): number[] {
  const [longer, shorter] = one.length >= other.length ? [one, other] : [other, one];
  return longer.map((count, place) => count + (shorter[place] ?? 0));
}

export const countIn = (buckets: Buckets): number => buckets.reduce((sum, count) => sum + count, 0);

/** The longest that place `i` stands for, in milliseconds. */
export const limitOf = (place: number): number => 2 ** place / 1_000;

/** What this share of all took at most, in milliseconds; nothing when there was nothing to measure. */
export function percentile(buckets: Buckets, share: number): number | null {
  const rank = share * countIn(buckets);
  if (rank === 0) return null;
  let before = 0;
  for (const [place, count] of buckets.entries()) {
    if (before + count >= rank && count > 0) return within(place, (rank - before) / count);
    before += count;
  }
  return null;
}

/** Inside a bucket times are taken to lie evenly on the scale that its borders are on. */
function within(place: number, share: number): number {
  if (place === 0) return limitOf(0) * share;
  return limitOf(place - 1) * 2 ** share;
}

/**
 * Where times gather, in milliseconds: one place when all is of one kind, more when,
 * say, some answers come from memory and others from a disk.
 */
export function populations(buckets: Buckets): number[] {
  const total = countIn(buckets);
  if (total < LEAST_TO_JUDGE) return [];
  const peaks: number[] = [];
  for (const [place, count] of buckets.entries()) {
    if (count < total * LEAST_SHARE) continue;
    if (count < (buckets[place - 1] ?? 0) || count <= (buckets[place + 1] ?? 0)) continue;
    const last = peaks.at(-1);
    if (last !== undefined && !isValleyBetween(buckets, last, place)) {
      if (count > (buckets[last] ?? 0)) peaks[peaks.length - 1] = place;
    } else peaks.push(place);
  }
  return peaks.map((place) => within(place, 0.5));
}

function isValleyBetween(buckets: Buckets, from: number, to: number): boolean {
  const lowest = Math.min(...buckets.slice(from + 1, to));
  return lowest < Math.min(buckets[from] ?? 0, buckets[to] ?? 0) / 2;
}
