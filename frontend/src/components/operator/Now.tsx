/** How the server is now: six numbers, then what they come from. */
import { useMemo } from 'react';
import { operatorStrings } from '../../app/operatorStrings';
import { exactTime, timeOfDay } from '../../hooks/dates';
import { listed } from '../../hooks/lists';
import { useFilter } from '../../hooks/useFilter';
import { useStats } from '../../hooks/useStats';
import { useZooming } from '../../hooks/useZooming';
import { type Figure, figures, worst } from '../../stats/levels';
import type { Column } from '../../stats/moment';
import { RANGES, rangeNamed } from '../../stats/ranges';
import { hasLeft, type Series } from '../../stats/series';
import type { StatsFeed } from '../../stats/statsFeed';
import { Skeleton } from '../ui/Skeleton';
import { ConnectionsPlot } from './ConnectionsPlot';
import { FanOutPlot } from './FanOutPlot';
import { FeltPlot } from './FeltPlot';
import { Figures } from './Figures';
import { Heatmap } from './Heatmap';
import { LatencyPlot } from './LatencyPlot';
import { NodesPlot } from './NodesPlot';
import styles from './Now.module.css';
import { PressurePlot } from './PressurePlot';
import { Failed } from './States';
import { StoragePlot } from './StoragePlot';
import { viewOf } from './view';
import { ZoomBar } from './ZoomBar';

export function Now() {
  const [named, name] = useFilter('range');
  const range = rangeNamed(named);
  const feed = useStats(range);
  const version = feed.version();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version says whether the numbers are others.
  const [live, longest] = useMemo(
    () => [columnOf(feed.live), columnOf(feed.longest)] as const,
    [feed, version],
  );
  const zooming = useZooming(range, feed.shown.whole);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version says whether the numbers are others.
  const view = useMemo(() => viewOf(feed.shown, range, zooming), [feed, range, version, zooming]);
  const words = operatorStrings();
  const known = figures(live.moments);

  if (live.times.length === 0) {
    if (feed.failure) return <Failed failure={feed.failure} onRetry={() => feed.retry()} />;
    return <Skeleton shape="list" />;
  }
  return (
    <>
      <Headline feed={feed} figures={known} />
      <Figures figures={known} />
      <div className={styles.time}>
        <fieldset className={styles.ranges}>
          <legend className="visually-hidden">{words.range}</legend>
          {RANGES.map((one) => (
            <label key={one} className={styles.range}>
              <input
                type="radio"
                name="range"
                checked={one === range}
                onChange={() => name(one === 'live' ? '' : one)}
              />
              {words.ranges[one]}
            </label>
          ))}
        </fieldset>
        <ZoomBar view={view} />
      </div>
      {feed.failure && <Failed failure={feed.failure} onRetry={() => feed.retry()} />}
      {feed.filled ? (
        <div className={styles.plots}>
          <LatencyPlot view={view} />
          <Heatmap view={view} />
          <FanOutPlot view={view} />
          <ConnectionsPlot view={view} />
          <StoragePlot view={view} longest={longest} />
          <NodesPlot live={live} lives={feed.live.lives} />
          <PressurePlot view={view} />
          <FeltPlot view={view} />
        </div>
      ) : (
        !feed.failure && <Skeleton shape="list" />
      )}
    </>
  );
}

const columnOf = ({ times, moments }: Series): Column => ({ times, moments });

/** What somebody would say who has looked at all of it. */
function Headline({ feed, figures: known }: { feed: StatsFeed; figures: readonly Figure[] }) {
  const words = operatorStrings();
  const level = worst(known.map((figure) => figure.level));
  const wanting = known
    .filter((figure) => figure.level === level)
    .map(({ name }) => words.figures[name].name);
  const newest = new Date((feed.live.newest ?? 0) * 1_000);
  return (
    <header className={styles.headline} data-level={level}>
      <h2 className={styles.title}>
        {level === 'calm' ? words.headline.calm : words.headline[level](listed(wanting))}
      </h2>
      {feed.stale ? (
        <p className={styles.stale} role="status">
          {words.headline.stale(timeOfDay(newest))}
        </p>
      ) : (
        <p className={styles.about}>
          {nodesIn(feed.live)} <span className={styles.since}>{words.headline.since(exactTime(newest))}</span>
        </p>
      )}
    </header>
  );
}

function nodesIn({ lives, newest = 0 }: Series): string {
  const words = operatorStrings().headline;
  const running = lives.filter((life) => !hasLeft(life, newest));
  const versions = [...new Set(running.map(({ version }) => version))];
  if (versions.length > 1) return words.versions(running.length, versions.join(', '));
  return words.nodes(running.length, versions.join());
}
