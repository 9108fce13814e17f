/**
 * What a line did, in the one fact that somebody would say of it: it went up or
 * down and stayed there, it had a peak, or it was as always.
 */

export type Trend =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'steady'; readonly about: number }
  | { readonly kind: 'rose' | 'fell'; readonly from: number; readonly to: number; readonly at: number }
  | { readonly kind: 'peaked'; readonly peak: number; readonly about: number; readonly at: number };

type Values = readonly (number | null)[];

interface Known {
  readonly at: number;
  readonly value: number;
}

/** Half as much again, or a third less, is a change worth a word. */
const CHANGED = Math.log(1.5);
/** A peak is so many times what is usual. */
const PEAK = 2;
const LEAST_TO_COMPARE = 3;
/** On either side of a change, this share of the time is looked at. */
const SIDE = 1 / 15;

/** `least` is a difference that nobody would mention, in the unit of the values. */
export function trendOf(times: readonly number[], values: Values, least: number): Trend {
  const known = times.flatMap((at, place): Known[] => {
    const value = values[place];
    return value === null || value === undefined ? [] : [{ at, value }];
  });
  if (known.length === 0) return { kind: 'unknown' };
  const about = median(known);
  const change = lastingChange(known, least);
  if (change) return change;
  const top = known.reduce((most, one) => (one.value > most.value ? one : most));
  if (top.value >= about * PEAK && top.value - about >= least) {
    return { kind: 'peaked', peak: top.value, about, at: top.at };
  }
  return { kind: 'steady', about };
}

/** The largest difference between what came before a time and what came after it. */
function lastingChange(known: readonly Known[], least: number): Trend | undefined {
  const side = Math.max(LEAST_TO_COMPARE, Math.round(known.length * SIDE));
  let best: { place: number; size: number } | undefined;
  for (let place = side; place <= known.length - side; place += 1) {
    const size = Math.abs(grade(known, place, side, least));
    const jump = jumpAt(known, place);
    // Around a step many places look alike; the step itself is where the line jumps.
    const better =
      !best || size > best.size * 1.01 || (size > best.size * 0.99 && jump > jumpAt(known, best.place));
    if (better) best = { place, size: Math.max(size, best?.size ?? 0) };
  }
  if (!best || best.size < CHANGED) return undefined;
  const { place } = best;
  const from = median(known.slice(place - side, place));
  const to = median(known.slice(place, place + side));
  if (Math.abs(to - from) < least) return undefined;
  return { kind: to > from ? 'rose' : 'fell', from, to, at: known[place]?.at ?? 0 };
}

function grade(known: readonly Known[], place: number, side: number, least: number): number {
  const before = median(known.slice(place - side, place));
  const after = median(known.slice(place, place + side));
  return Math.log((after + least) / (before + least));
}

const jumpAt = (known: readonly Known[], place: number): number =>
  Math.abs((known[place]?.value ?? 0) - (known[place - 1]?.value ?? 0));

function median(known: readonly Known[]): number {
  const sorted = known.map(({ value }) => value).sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
