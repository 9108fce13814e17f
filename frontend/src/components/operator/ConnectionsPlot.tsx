/** Who is connected, how and to which node; below, who came and who went. */
import { operatorStrings } from '../../app/operatorStrings';
import { shownCount } from '../../hooks/numbers';
import { connectionsOf, type Moment } from '../../stats/moment';
import type { Ink } from './ink';
import { LinePlot, type Measure, Measured } from './LinePlot';
import { shortNode } from './nodeNames';
import styles from './Plots.module.css';
import { sentenceOf } from './sentences';
import type { View } from './view';

/** Of more nodes than can be told apart only the sum is drawn. */
const INKS: readonly Ink[] = ['--accent', '--text-2', '--away', '--link'];
const DASHES = [[], [8, 3], [2, 3], [8, 3, 2, 3]];
const LOW = 104;

type Transport = 'websocket' | 'polling';

export function ConnectionsPlot({ view }: { view: View }) {
  const words = operatorStrings().connections;
  const measures = measuresOf(view);
  const comings: Measure[] = [
    { name: words.opened, read: (one) => one.perSecond.opened, ink: '--accent', fill: 'wash' },
    { name: words.ended, read: (one) => one.perSecond.ended, ink: '--text-2', fill: 'hatch', below: true },
  ];
  const sentence = sentenceOf(view, { what: words.all, read: connectionsOf, shown: shownCount, least: 3 });
  return (
    <LinePlot
      view={view}
      title={words.title}
      sentence={sentence}
      measures={measures}
      shown={shownCount}
      bands={measures.slice(1).map((_, place) => [place, place + 1] as const)}
      alsoInTable={comings}
      tall
    >
      <p className={styles.under}>{words.comings}</p>
      <Measured view={view} label={words.comings} measures={comings} shown={shownCount} height={LOW} />
    </LinePlot>
  );
}

function measuresOf({ lives }: View): Measure[] {
  const words = operatorStrings().connections;
  const all = [...new Set(lives.map(({ nodeId }) => nodeId))].sort();
  const nodes = all.length > INKS.length ? [undefined] : all;
  return nodes.flatMap((nodeId, place): Measure[] => {
    const name = nodeId === undefined ? words.all : shortNode(nodeId);
    const look = { ink: INKS[place] ?? '--accent', dash: DASHES[place] ?? [], stacked: true };
    const measure = (transport: Transport, fill: 'wash' | 'hatch'): Measure => ({
      ...look,
      fill,
      name: words[transport](name),
      read: (moment) => (nodeId === undefined ? moment[transport] : ofNode(moment, nodeId, transport)),
    });
    return [measure('polling', 'hatch'), measure('websocket', 'wash')];
  });
}

function ofNode({ nodes }: Moment, nodeId: string, transport: Transport): number | null {
  return nodes.find((one) => one.nodeId === nodeId)?.sample.connections[transport] ?? null;
}
