/** What browsers told of themselves: for a quarter of those who use them it is worse than this. */
import { operatorStrings } from '../../app/operatorStrings';
import { shownCount, shownTime } from '../../hooks/numbers';
import { percentile } from '../../stats/buckets';
import { type Moment, summed } from '../../stats/moment';
import { type Row, Rows } from './Rows';
import { sentenceOf } from './sentences';
import type { View } from './view';

const QUARTER = 0.75;
const LEAST_MS = 20;
const FELT = ['ack', 'inp', 'lcp'] as const;

export function FeltPlot({ view }: { view: View }) {
  const words = operatorStrings().felt;
  const rows: Row[] = [
    ...FELT.map((name) => ({
      name: words[name],
      hint: words.quarter,
      read: (one: Moment) => percentile(one.felt[name], QUARTER),
      shown: shownTime,
    })),
    {
      name: words.cls,
      hint: words.quarter,
      read: (one) => percentile(one.felt.cls, QUARTER),
      shown: shownCount,
    },
    {
      name: words.reconnects,
      hint: '',
      read: ({ felt }) => (felt.sessions > 0 ? felt.reconnects / felt.sessions : null),
      shown: shownCount,
    },
    {
      name: words.failedSends,
      hint: '',
      read: ({ felt }) => (felt.sessions > 0 ? felt.failedSends : null),
      shown: shownCount,
    },
  ];
  const [acknowledged] = rows;
  const heard = (summed(view.moments)?.felt.sessions ?? 0) > 0;
  const sentence =
    heard && acknowledged
      ? sentenceOf(view, { ...acknowledged, what: words.ack, least: LEAST_MS })
      : words.none;
  return <Rows view={view} title={words.title} sentence={sentence} rows={rows} />;
}
