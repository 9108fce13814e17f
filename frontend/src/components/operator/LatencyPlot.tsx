/** The latency ribbon: half of all deliveries, nineteen of twenty, ninety-nine of a hundred. */
import { operatorStrings } from '../../app/operatorStrings';
import { shownTime } from '../../hooks/numbers';
import { percentile } from '../../stats/buckets';
import { marks } from '../../stats/marks';
import { LinePlot, type Measure } from './LinePlot';
import { shortNode } from './nodeNames';
import styles from './Plots.module.css';
import { timesOf } from './times';
import { shownMoment, type View } from './view';

export function LatencyPlot({ view }: { view: View }) {
  const { latency: words, mark, marks: marksLabel } = operatorStrings();
  const { all, half, sentence } = timesOf(view, words, (one) => one.delivery);
  const measures: Measure[] = [
    all,
    {
      name: words.most,
      read: (one) => percentile(one.delivery, 0.95),
      ink: '--accent',
      width: 1,
      fill: 'wash',
    },
    half,
  ];
  const found = marks(view.lives, view.times[0] ?? 0, view.times.at(-1) ?? 0).map(
    ({ at, kind, nodeId, version }) => ({ at, text: mark[kind](shortNode(nodeId), version) }),
  );
  return (
    <LinePlot
      view={view}
      column={view.coarse}
      title={words.title}
      sentence={sentence}
      measures={measures}
      shown={shownTime}
      log
      bands={[[1, 2]]}
      marks={found}
    >
      {found.length > 0 && (
        <ul className={styles.marks} aria-label={marksLabel}>
          {found.map(({ at, text }) => (
            <li key={`${at} ${text}`}>
              <time>{shownMoment(at, view)}</time> <bdi>{text}</bdi>
            </li>
          ))}
        </ul>
      )}
    </LinePlot>
  );
}
