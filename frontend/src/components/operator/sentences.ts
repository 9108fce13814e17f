/** A trend in words. */
import { operatorStrings } from '../../app/operatorStrings';
import type { Moment } from '../../stats/moment';
import { trendOf } from '../../stats/trend';
import { shownMoment, type View } from './view';

export interface Told {
  /** What is spoken of. */
  readonly what: string;
  readonly read: (moment: Moment) => number | null;
  readonly shown: (value: number) => string;
  /** A difference that nobody would mention. */
  readonly least: number;
}

export function sentenceOf(view: View, { what, read, shown, least }: Told): string {
  const { coarse } = view;
  const words = operatorStrings().trend;
  const values = coarse.moments.map((moment) => (moment ? read(moment) : null));
  const trend = trendOf(coarse.times, values, least);
  switch (trend.kind) {
    case 'unknown':
      return words.unknown;
    case 'steady':
      return words.steady(what, shown(trend.about));
    case 'peaked':
      return words.peaked(what, shown(trend.peak), shown(trend.about), shownMoment(trend.at, view));
    default:
      return words[trend.kind](what, shown(trend.from), shown(trend.to), shownMoment(trend.at, view));
  }
}
