/** The time that is looked at, in the three finenesses that a plot, its sentence and its table need. */
import { exactTime, longDay, shortDay, timeOfDay, timeOfWeek } from '../../hooks/dates';
import { type Column, grouped } from '../../stats/moment';
import { type Range, STEPS } from '../../stats/ranges';
import type { Life, Series } from '../../stats/series';

export interface View extends Column {
  readonly range: Range;
  /** Ninety times or so: for percentiles, for what is said in a sentence, and for what is drawn in cells. */
  readonly coarse: Column;
  /** As many as somebody reads in a table. */
  readonly rows: Column;
  readonly lives: readonly Life[];
}

export function viewOf(series: Series, range: Range): View {
  const { times, moments, lives } = series;
  const { coarse, row } = STEPS[range];
  const all = { times, moments };
  return { range, ...all, lives, coarse: grouped(all, coarse), rows: grouped(all, row) };
}

/** A time of the day where that is enough, the day where nobody asks for the hour. */
export function shownMoment(seconds: number, range: Range): string {
  const date = new Date(seconds * 1_000);
  if (range === 'month') return shortDay(date);
  return range === 'week' ? timeOfWeek(date) : timeOfDay(date);
}

/** As exact as one may ask when pointing at a place. */
export function wholeMoment(seconds: number, range: Range): string {
  const date = new Date(seconds * 1_000);
  if (range === 'live') return exactTime(date);
  return range === 'day' ? timeOfDay(date) : `${longDay(date)}, ${timeOfDay(date)}`;
}
