/** A plot of some measures over the time that is looked at; in the legend, what they are where one points. */
import { type ReactNode, useMemo, useState } from 'react';
import { operatorStrings } from '../../app/operatorStrings';
import type { Column, Moment } from '../../stats/moment';
import { Figure } from './Figure';
import { Lines } from './Lines';
import type { Drawing, Line, LineMark } from './lineDrawing';
import styles from './Plots.module.css';
import { Swatch } from './Swatch';
import { shownMoment, type View, wholeMoment } from './view';

/** What a line shows of a moment. */
export interface Measure extends Omit<Line, 'values'> {
  readonly read: (moment: Moment) => number | null;
  /** It is drawn below the axis. */
  readonly below?: boolean;
  /** It is drawn on top of those that come after it. */
  readonly stacked?: boolean;
}

interface MeasuredProps {
  view: View;
  /** The times that are drawn: those of the view, unless coarser ones say more. */
  column?: Column;
  label: string;
  measures: readonly Measure[];
  shown: (value: number) => string;
  log?: boolean;
  bands?: Drawing['bands'];
  marks?: readonly LineMark[];
  height?: number;
}

interface Props extends Omit<MeasuredProps, 'label'> {
  title: string;
  sentence: string;
  tall?: boolean;
  /** What belongs below the lines, and what of it belongs in the table. */
  children?: ReactNode;
  alsoInTable?: readonly Measure[];
}

const HEIGHT = 208;

export function LinePlot({ title, sentence, tall = false, children, alsoInTable = [], ...plot }: Props) {
  const { view, measures, shown } = plot;
  return (
    <Figure
      view={view}
      title={title}
      sentence={sentence}
      tall={tall}
      table={() => tableOf(view, [...measures, ...alsoInTable], shown)}
    >
      <Measured label={title} {...plot} />
      {children}
    </Figure>
  );
}

export function Measured({
  view,
  column = view,
  label,
  measures,
  shown,
  log = false,
  bands,
  marks,
  height = HEIGHT,
}: MeasuredProps) {
  const [at, setAt] = useState<number>();
  const { times, moments } = column;
  const words = operatorStrings();
  const names = measures.map(({ name }) => name).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: measures of the same names are the same.
  const lines = useMemo(() => linesOf(measures, moments, log), [moments, log, names]);

  const cell = (measure: Measure, place: number) => cellOf(measure, moments[place], shown);
  const place = at ?? moments.findLastIndex(Boolean);
  const timeAt = (index: number) => wholeMoment(times[index] ?? 0, view);

  return (
    <>
      <Lines
        label={words.readPlot(label)}
        times={times}
        lines={lines}
        log={log}
        mirrored={measures.some(({ below }) => below)}
        {...(bands && { bands })}
        {...(marks && { marks })}
        height={height}
        shown={shown}
        shownTime={(seconds) => shownMoment(seconds, view)}
        told={(index) =>
          [timeAt(index), ...measures.map((one) => `${one.name} ${cell(one, index)}`)].join(', ')
        }
        onCursor={setAt}
        zooming={view.zooming}
      />
      <ul className={styles.keys}>
        {measures.map((measure) => (
          <li key={measure.name} className={styles.key}>
            <Swatch line={measure} />
            <bdi>{measure.name}</bdi>
            <Value text={said(measure, moments[place], shown)} />
          </li>
        ))}
        {at !== undefined && <li className={styles.at}>{timeAt(at)}</li>}
      </ul>
    </>
  );
}

type Shown = (value: number) => string;

function said({ read }: Measure, moment: Moment | undefined, shown: Shown): string | undefined {
  const value = moment ? read(moment) : null;
  return value === null ? undefined : shown(value);
}

const cellOf = (measure: Measure, moment: Moment | undefined, shown: Shown): string =>
  said(measure, moment, shown) ?? operatorStrings().notKnown;

function Value({ text }: { text: string | undefined }) {
  if (text !== undefined) return <bdi className={styles.value}>{text}</bdi>;
  return (
    <span className={styles.value}>
      <span aria-hidden>–</span>
      <span className="visually-hidden">{operatorStrings().notKnown}</span>
    </span>
  );
}

function tableOf(view: View, measures: readonly Measure[], shown: Shown) {
  const { rows } = view;
  return {
    columns: [operatorStrings().time, ...measures.map(({ name }) => name)],
    rows: rows.times.map((time, place) => [
      wholeMoment(time, view),
      ...measures.map((measure) => cellOf(measure, rows.moments[place], shown)),
    ]),
  };
}

function linesOf(measures: readonly Measure[], moments: Column['moments'], log: boolean): Line[] {
  return measures.map(({ read, below, stacked, ...look }, place) => {
    const upon = stacked ? measures.slice(place + 1) : [];
    const values = moments.map((moment) => {
      // Of a node that was not there nothing stands in the pile.
      const value = moment ? (read(moment) ?? (stacked ? 0 : null)) : null;
      if (!moment || value === null || (log && value <= 0)) return null;
      const whole = upon.reduce((sum, other) => sum + (other.read(moment) ?? 0), value);
      return below ? -whole : whole;
    });
    return { ...look, values };
  });
}
