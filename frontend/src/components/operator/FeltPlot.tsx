/** What browsers told of themselves: for a quarter of those who use them it is worse than this. */
import { operatorStrings } from '../../app/operatorStrings';
import { shownCount, shownTime } from '../../hooks/numbers';
import { type Buckets, percentile } from '../../stats/buckets';
import { type Moment, summed } from '../../stats/moment';
import { FELT_SHARE, ofAllReleases } from '../../stats/releases';
import { ReleaseTable } from './ReleaseTable';
import { type Row, Rows } from './Rows';
import { sentenceOf } from './sentences';
import type { View } from './view';

const LEAST_MS = 20;

export function FeltPlot({ view }: { view: View }) {
  const words = operatorStrings().felt;
  const rows: Row[] = [
    quarter(words.ack, shownTime, ({ felt }) => felt.ack),
    quarter(words.inp, shownTime, ({ felt }) => ofAllReleases(felt.releases, 'inp')),
    quarter(words.lcp, shownTime, ({ felt }) => ofAllReleases(felt.releases, 'lcp')),
    quarter(words.cls, shownCount, ({ felt }) => felt.cls),
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
  return (
    <Rows view={view} title={words.title} sentence={sentence} rows={rows}>
      <ReleaseTable view={view} />
    </Rows>
  );
}

function quarter(name: string, shown: Row['shown'], took: (moment: Moment) => Buckets): Row {
  const hint = operatorStrings().felt.quarter;
  return { name, hint, shown, read: (moment) => percentile(took(moment), FELT_SHARE) };
}
