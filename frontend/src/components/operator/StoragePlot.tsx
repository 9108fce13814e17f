/** How long a commit takes, how large the database is, and how long its disk will do. */
import { operatorStrings } from '../../app/operatorStrings';
import { shownCount, shownSize, shownTime } from '../../hooks/numbers';
import { growthPerDay, levelOfOutlook, type Outlook, outlookOf } from '../../stats/growth';
import { type Column, summed } from '../../stats/moment';
import { Fact } from './Fact';
import { LinePlot } from './LinePlot';
import styles from './Plots.module.css';
import { timesOf } from './times';
import type { View } from './view';

interface Props {
  view: View;
  /** From a time that is short nobody tells how it goes on. */
  longest: Column;
}

export function StoragePlot({ view, longest }: Props) {
  const words = operatorStrings().storage;
  const { all, half, sentence } = timesOf(view, words, (one) => one.commit);
  const { bytes, freeBytes, perDay } = sizeOf(longest);
  const outlook = outlookOf(freeBytes, perDay);
  const { store } = summed(view.moments) ?? {};
  return (
    <LinePlot
      view={view}
      column={view.coarse}
      title={words.title}
      sentence={[sentence, foretold(outlook)].join(' ').trim()}
      measures={[all, half]}
      shown={shownTime}
      log
    >
      <dl className={styles.facts}>
        <Fact
          name={words.connections}
          value={store && words.busy(shownCount(store.busy), shownCount(store.max))}
        />
        <Fact name={words.size} value={bytes === undefined ? words.unmeasured : shownSize(bytes)} />
        <Fact name={words.growth} value={perDay === null ? words.tooEarly : shownSize(perDay)} />
        {freeBytes !== undefined && (
          <Fact name={words.free} value={shownSize(freeBytes)} level={levelOfOutlook(outlook)} />
        )}
      </dl>
      {bytes !== undefined && freeBytes === undefined && <p className={styles.under}>{words.unseen}</p>}
    </LinePlot>
  );
}

function sizeOf({ times, moments }: Column) {
  const stores = moments.flatMap((moment, place) => {
    const { bytes, freeBytes } = moment?.store ?? {};
    return bytes === undefined ? [] : [{ at: times[place] ?? 0, bytes, freeBytes }];
  });
  const { bytes, freeBytes } = stores.at(-1) ?? {};
  return { bytes, freeBytes, perDay: growthPerDay(stores) };
}

function foretold(outlook: Outlook): string {
  const words = operatorStrings().storage;
  switch (outlook.kind) {
    case 'unknown':
      return '';
    case 'full':
      return words.full(Math.floor(outlook.days));
    default:
      return words[outlook.kind];
  }
}
