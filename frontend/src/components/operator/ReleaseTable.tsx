/** What was felt of each release of the client: whether the new one is slower than the one before. */
import { operatorStrings } from '../../app/operatorStrings';
import { shownCount, shownTime } from '../../hooks/numbers';
import { type Buckets, percentile } from '../../stats/buckets';
import { FELT_SHARE, releasesIn } from '../../stats/releases';
import styles from './Plots.module.css';
import { Columns } from './Tables';
import { shownMoment, type View } from './view';

export function ReleaseTable({ view }: { view: View }) {
  const { felt: words, notKnown } = operatorStrings();
  const releases = releasesIn(view);
  if (releases.length === 0) return null;
  const quarter = (took: Buckets) => {
    const ms = percentile(took, FELT_SHARE);
    return ms === null ? notKnown : shownTime(ms);
  };
  return (
    <table className={`${styles.table} ${styles.releases}`}>
      <caption className={styles.under}>{words.releases}</caption>
      <Columns names={[words.release, words.since, words.reports, words.lcpShort, words.inpShort]} />
      <tbody>
        {releases.map(({ release, since, sessions, lcp, inp }) => (
          <tr key={release}>
            <th scope="row" className={styles.release}>
              {release ? <bdi>{release}</bdi> : words.otherReleases}
            </th>
            <td>{since === undefined ? words.before : shownMoment(since, view)}</td>
            <td>{shownCount(sessions)}</td>
            <td>{quarter(lcp)}</td>
            <td>{quarter(inp)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
