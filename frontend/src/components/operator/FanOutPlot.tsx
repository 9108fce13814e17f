/** Messages in against deliveries out: a gap that widens is something said in a large room. */
import { operatorStrings } from '../../app/operatorStrings';
import { shownCount } from '../../hooks/numbers';
import type { Moment } from '../../stats/moment';
import { LinePlot, type Measure } from './LinePlot';
import { sentenceOf } from './sentences';
import type { View } from './view';

export function FanOutPlot({ view }: { view: View }) {
  const words = operatorStrings().fan;
  const measures: Measure[] = [
    { name: words.out, read: (one) => one.perSecond.deliveries, ink: '--accent', width: 2, fill: 'wash' },
    { name: words.in, read: (one) => one.perSecond.messages, ink: '--text', dash: [6, 4] },
  ];
  const sentence = sentenceOf(view, { what: words.each, read: eachReached, shown: shownCount, least: 1 });
  return (
    <LinePlot
      view={view}
      title={words.title}
      sentence={sentence}
      measures={measures}
      shown={shownCount}
      log
      bands={[[0, 1]]}
    />
  );
}

function eachReached({ perSecond: { messages, deliveries } }: Moment): number | null {
  return messages > 0 ? deliveries / messages : null;
}
