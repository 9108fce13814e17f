/**
 * Lines over time, drawn by uPlot, which nobody else here knows.
 *
 * All plots of one group have one cursor, and it is moved by keys as well: to those
 * who do not see the lines it is a slider that says what they are at each time.
 */
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { whenRedressed } from './ink';
import { type Drawing, dataOf, drawnBy } from './lineDrawing';
import styles from './Plots.module.css';

interface Props extends Drawing {
  label: string;
  height: number;
  /** What the lines say at a place. */
  told: (place: number) => string;
  onCursor: (place: number | undefined) => void;
}

/** So many presses of a key lead from one end to the other. */
const STEPS = 60;

export function Lines({ label, height, told, onCursor, ...drawing }: Props) {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const latest = useRef({ drawing, onCursor });
  latest.current = { drawing, onCursor };
  const [at, setAt] = useState<number>();
  const { times, lines, log, mirrored, bands } = drawing;
  const end = Math.max(0, times.length - 1);
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
    const made = drawnBy(() => latest.current.drawing, element, height, move);
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
  }, [times, lines]);

  function onKeyDown(event: KeyboardEvent) {
    const made = plot.current;
    const place = placeAfter(event.key, at ?? end, end);
    if (!made || place === undefined) return;
    event.preventDefault();
    made.setCursor({ left: made.valToPos(times[place] ?? 0, 'x'), top: 0 });
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
      aria-valuenow={at ?? end}
      aria-valuetext={told(at ?? end)}
      onKeyDown={onKeyDown}
    />
  );
}

function placeAfter(key: string, at: number, end: number): number | undefined {
  const step = Math.max(1, Math.round(end / STEPS));
  if (key === 'ArrowLeft' || key === 'ArrowDown') return Math.max(0, at - step);
  if (key === 'ArrowRight' || key === 'ArrowUp') return Math.min(end, at + step);
  if (key === 'Home') return 0;
  return key === 'End' ? end : undefined;
}
