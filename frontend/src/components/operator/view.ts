/** The time that is looked at, in the three finenesses that a plot, its sentence and its table need. */
import { operatorStrings } from '../../app/operatorStrings';
import { exactTime, longDay, shortDay, timeOfDay, timeOfWeek } from '../../hooks/dates';
import type { Zooming } from '../../hooks/useZooming';
import { type Column, grouped, within } from '../../stats/moment';
import { type Range, stepsOf } from '../../stats/ranges';
import type { Life, Series } from '../../stats/series';

/** How exactly a time has to be said to be another than the one beside it. */
type Clock = 'second' | 'minute' | 'week' | 'day';

export interface View extends Column {
  readonly range: Range;
  readonly clock: Clock;
  /** Ninety times or so: for percentiles, for what is said in a sentence, and for what is drawn in cells. */
  readonly coarse: Column;
  /** As many as somebody reads in a table. */
  readonly rows: Column;
  readonly lives: readonly Life[];
  readonly zooming: Zooming;
}

const MINUTE = 60;
const DAY = 86_400;

export function viewOf(series: Series, range: Range, zooming: Zooming): View {
  const { span } = zooming;
  const seconds = span.to - span.from;
  const { coarse, row } = stepsOf(range, seconds);
  const all = within(series, span);
  return {
    range,
    zooming,
    clock: clockFor(seconds),
    ...all,
    lives: series.lives,
    coarse: grouped(all, coarse),
    rows: grouped(all, row),
  };
}

function clockFor(seconds: number): Clock {
  if (seconds < 10 * MINUTE) return 'second';
  if (seconds <= DAY) return 'minute';
  return seconds <= 10 * DAY ? 'week' : 'day';
}

/** A time of the day where that is enough, the day where nobody asks for the hour. */
export function shownMoment(seconds: number, { clock }: View): string {
  const date = new Date(seconds * 1_000);
  switch (clock) {
    case 'second':
      return exactTime(date);
    case 'minute':
      return timeOfDay(date);
    default:
      return clock === 'week' ? timeOfWeek(date) : shortDay(date);
  }
}

/** As exact as one may ask when pointing at a place. */
export function wholeMoment(seconds: number, { range }: View): string {
  const date = new Date(seconds * 1_000);
  if (range === 'live') return exactTime(date);
  return range === 'day' ? timeOfDay(date) : `${longDay(date)}, ${timeOfDay(date)}`;
}

/** From when to when. */
export function spanIn(view: View): string {
  const { from, to } = view.zooming.span;
  return operatorStrings().zoom.span(wholeMoment(from, view), wholeMoment(to, view));
}
