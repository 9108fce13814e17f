/** How many deliveries took how long, time by time: two populations are two rows, where a percentile is one line. */
import { useEffect, useRef } from 'react';
import { operatorStrings } from '../../app/operatorStrings';
import { listed } from '../../hooks/lists';
import { shownCount, shownTime } from '../../hooks/numbers';
import { type Buckets, percentile, populations } from '../../stats/buckets';
import { summed } from '../../stats/moment';
import { Figure } from './Figure';
import { drawCells, HEIGHT } from './heatDrawing';
import { whenRedressed } from './ink';
import styles from './Plots.module.css';
import { type View, wholeMoment } from './view';
import { ZoomGroup } from './ZoomGroup';

export function Heatmap({ view }: { view: View }) {
  const words = operatorStrings().heat;
  const all = summed(view.moments)?.delivery ?? [];
  const places = populations(all).map(shownTime);
  const sentence =
    places.length === 0
      ? words.none
      : places.length === 1
        ? words.one(places.join())
        : words.many(listed(places));
  return (
    <Figure view={view} title={words.title} sentence={sentence} table={() => tableOf(view)}>
      <ZoomGroup view={view} title={words.title}>
        <Cells view={view} all={all} />
      </ZoomGroup>
      <p className={styles.scale} aria-hidden>
        {words.fewer}
        <span className={styles.shades} />
        {words.more}
      </p>
    </Figure>
  );
}

function Cells({ view, all }: { view: View; all: Buckets }) {
  const holder = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const canvas = holder.current;
    if (!canvas) return;
    const draw = () => drawCells(canvas, view, all);
    draw();
    const resized = new ResizeObserver(draw);
    resized.observe(canvas);
    const unwatch = whenRedressed(draw);
    return () => {
      resized.disconnect();
      unwatch();
    };
  }, [view, all]);
  return (
    <div className={styles.cells} dir="ltr">
      <canvas ref={holder} className={styles.canvas} style={{ blockSize: HEIGHT }} aria-hidden />
    </div>
  );
}

function tableOf(view: View) {
  const { rows } = view;
  const words = operatorStrings();
  const shares = [0.5, 0.95, 0.99] as const;
  return {
    columns: [words.time, words.fan.out, words.latency.half, words.latency.most, words.latency.all],
    rows: rows.times.map((time, place) => {
      const buckets = rows.moments[place]?.delivery;
      const count = buckets?.reduce((sum, one) => sum + one, 0);
      return [
        wholeMoment(time, view),
        count === undefined ? words.notKnown : shownCount(count),
        ...shares.map((share) => {
          const ms = buckets ? percentile(buckets, share) : null;
          return ms === null ? words.notKnown : shownTime(ms);
        }),
      ];
    }),
  };
}
