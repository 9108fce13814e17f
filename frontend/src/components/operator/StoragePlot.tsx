/** How long a commit takes, and how large the database is and will be. */
import { operatorStrings } from '../../app/operatorStrings';
import { shownCount, shownSize, shownTime } from '../../hooks/numbers';
import { daysUntil, growthPerDay } from '../../stats/growth';
import { summed } from '../../stats/moment';
import { LinePlot } from './LinePlot';
import styles from './Plots.module.css';
import { timesOf } from './times';
import type { View } from './view';

export function StoragePlot({ view }: { view: View }) {
  const words = operatorStrings().storage;
  const { all, half, sentence } = timesOf(view, words, (one) => one.commit);
  return (
    <LinePlot
      view={view}
      column={view.coarse}
      title={words.title}
      sentence={sentence}
      measures={[all, half]}
      shown={shownTime}
      log
    >
      <dl className={styles.facts}>
        {factsOf(view).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <bdi>{value}</bdi>
            </dd>
          </div>
        ))}
      </dl>
    </LinePlot>
  );
}

function factsOf({ times, moments }: View): [name: string, value: string][] {
  const { storage: words, notKnown } = operatorStrings();
  const sizes = times.flatMap((at, place) => {
    const bytes = moments[place]?.store.bytes;
    return bytes === undefined ? [] : [{ at, bytes }];
  });
  const size = sizes.at(-1)?.bytes;
  const growth = growthPerDay(sizes);
  const { store } = summed(moments) ?? {};
  return [
    [words.connections, store ? words.busy(shownCount(store.busy), shownCount(store.max)) : notKnown],
    [words.size, size === undefined ? words.unmeasured : shownSize(size)],
    [words.growth, growth === null ? words.tooEarly : shownSize(growth)],
    [words.doubled, size === undefined ? words.unmeasured : doubling(size, growth)],
  ];
}

function doubling(size: number, growth: number | null): string {
  const words = operatorStrings().storage;
  if (growth === null) return words.tooEarly;
  const days = daysUntil(2 * size, size, growth);
  return days === null ? words.never : words.days(Math.max(1, Math.round(days)));
}
