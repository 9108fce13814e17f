/** How long something took: what half of it took at most, and ninety-nine of a hundred. */
import { shownTime } from '../../hooks/numbers';
import { type Buckets, percentile } from '../../stats/buckets';
import type { Moment } from '../../stats/moment';
import type { Measure } from './LinePlot';
import { sentenceOf } from './sentences';
import type { View } from './view';

/** A difference of a millisecond is not worth a word. */
const LEAST_MS = 1;

interface Names {
  readonly all: string;
  readonly half: string;
}

interface Times {
  readonly all: Measure;
  readonly half: Measure;
  /** How the longest of them went. */
  readonly sentence: string;
}

export function timesOf(view: View, names: Names, took: (moment: Moment) => Buckets): Times {
  const atMost = (share: number) => (moment: Moment) => percentile(took(moment), share);
  const told = { what: names.all, read: atMost(0.99), shown: shownTime, least: LEAST_MS };
  return {
    all: { name: names.all, read: atMost(0.99), ink: '--text', dash: [6, 4] },
    half: { name: names.half, read: atMost(0.5), ink: '--accent', width: 2.5 },
    sentence: sentenceOf(view, told),
  };
}
