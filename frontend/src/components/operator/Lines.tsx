/**
 * Lines over time, drawn by uPlot, which nobody else here knows.
 *
 * All plots of one group have one cursor, and it is moved by keys as well: to those
 * who do not see the lines it is a slider that says what they are at each time. At
 * the end of a part that was come closer to, the part moves along.
 */
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Zooming } from '../../hooks/useZooming';
import { whenRedressed } from './ink';
import { type Drawing, dataOf, drawnBy } from './lineDrawing';
import styles from './Plots.module.css';
import { zoomedBy } from './zoomKeys';

interface Props extends Drawing {
  label: string;
  height: number;
  /** What the lines say at a place. */
  told: (place: number) => string;
  onCursor: (place: number | undefined) => void;
  zooming: Zooming;
}

/** So many presses of a key lead from one end to the other. */
const STEPS = 60;

export function Lines({ label, height, told, onCursor, zooming, ...drawing }: Props) {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const latest = useRef({ drawing, onCursor, zooming });
  latest.current = { drawing, onCursor, zooming };
  /** The time that the cursor is at by keys, for it to be there still when another part is seen. */
  const goesTo = useRef<number>(undefined);
  const [at, setAt] = useState<number>();
  const { times, lines, log, mirrored, bands } = drawing;
  const end = Math.max(0, times.length - 1);
  // Of a part that was just come closer to, the plot has not said yet where the cursor is.
  const place = Math.min(at ?? end, end);
  // What a plot is made of cannot be changed, only made anew.
  const make = JSON.stringify([lines.map(({ values, ...look }) => look), log, mirrored, bands, height]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: made anew only when it is another drawing.
  useEffect(() => {
    const element = holder.current;
    if (!element) return;
    const move = (place: number | undefined) => {
      setAt(place);
      latest.current.onCursor(place);
    };
    const made = drawnBy(() => latest.current.drawing, element, height, {
      moved: move,
      selected: (from, to) => latest.current.zooming.between(from, to),
      released: () => latest.current.zooming.all(),
    });
    plot.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    resized.observe(element);
    const unwatch = whenRedressed(() => made.redraw(false, true));
    return () => {
      resized.disconnect();
      unwatch();
      made.destroy();
      plot.current = undefined;
    };
  }, [make]);

  useEffect(() => {
    plot.current?.setData(dataOf({ times, lines }));
    if (goesTo.current !== undefined) pointAt(plot.current, goesTo.current);
    goesTo.current = undefined;
  }, [times, lines]);

  function onKeyDown(event: KeyboardEvent) {
    const time = at === undefined ? undefined : times[at];
    const next = event.shiftKey ? undefined : placeAfter(event.key, place, end);
    if (next === undefined) {
      if (!zoomedBy(event, zooming, time)) return;
      goesTo.current = time;
    } else {
      pointAt(plot.current, times[next] ?? 0);
      if (next === at && zoomedBy(event, zooming)) goesTo.current = time;
    }
    event.preventDefault();
  }

  return (
    <div
      ref={holder}
      dir="ltr"
      className={styles.lines}
      style={{ blockSize: height }}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={end}
      aria-valuenow={place}
      aria-valuetext={told(place)}
      onKeyDown={onKeyDown}
    />
  );
}

function pointAt(plot: uPlot | undefined, time: number): void {
  plot?.setCursor({ left: plot.valToPos(time, 'x'), top: 0 });
}

function placeAfter(key: string, at: number, end: number): number | undefined {
  const step = Math.max(1, Math.round(end / STEPS));
  if (key === 'ArrowLeft' || key === 'ArrowDown') return Math.max(0, at - step);
  if (key === 'ArrowRight' || key === 'ArrowUp') return Math.min(end, at + step);
  if (key === 'Home') return 0;
  return key === 'End' ? end : undefined;
}
