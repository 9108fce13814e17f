/** Where the server had to hold somebody back, or let something go. */
import { operatorStrings } from '../../app/operatorStrings';
import { shownCount } from '../../hooks/numbers';
import type { Counted } from '../../stats/sample';
import { type Row, Rows } from './Rows';
import { sentenceOf } from './sentences';
import type { View } from './view';

const COUNTS = [
  'slowClosed',
  'resets',
  'blocked',
  'hintsDropped',
  'limited',
  'refused',
] as const satisfies Counted[];
const MINUTE = 60;

export function PressurePlot({ view }: { view: View }) {
  const words = operatorStrings().pressure;
  const rows: Row[] = [
    { name: words.behind, hint: '', read: (one) => one.behind, shown: shownCount },
    ...COUNTS.map((name) => ({
      name: words[name],
      hint: words.eachMinute,
      read: (one: Parameters<Row['read']>[0]) => one.perSecond[name] * MINUTE,
      shown: shownCount,
    })),
  ];
  // The first of them that happened is the gravest.
  const happened = rows.find(({ read }) =>
    view.coarse.moments.some((moment) => moment && (read(moment) ?? 0) > 0),
  );
  const sentence = happened ? sentenceOf(view, { ...happened, what: happened.name, least: 1 }) : words.none;
  return <Rows view={view} title={words.title} sentence={sentence} rows={rows} />;
}
