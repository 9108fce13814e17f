/** Measures that share no scale: a row for each, with its name, its line and its number. */
import type { ReactNode } from 'react';
import { operatorStrings } from '../../app/operatorStrings';
import type { Moment } from '../../stats/moment';
import { summed } from '../../stats/moment';
import { Figure } from './Figure';
import styles from './Plots.module.css';
import { Sparkline } from './Sparkline';
import { type View, wholeMoment } from './view';
import { ZoomGroup } from './ZoomGroup';

export interface Row {
  readonly name: string;
  readonly hint: string;
  readonly read: (moment: Moment) => number | null;
  readonly shown: (value: number) => string;
}

interface Props {
  view: View;
  title: string;
  sentence: string;
  rows: readonly Row[];
  /** What belongs below the rows. */
  children?: ReactNode;
}

export function Rows({ view, title, sentence, rows, children }: Props) {
  const words = operatorStrings();
  const { coarse } = view;
  const whole = summed(view.moments);
  const cell = ({ read, shown }: Row, moment: Moment | undefined) => {
    const value = moment ? read(moment) : null;
    return value === null ? words.notKnown : shown(value);
  };
  return (
    <Figure
      view={view}
      title={title}
      sentence={sentence}
      table={() => ({
        columns: [words.time, ...rows.map(({ name }) => name)],
        rows: view.rows.times.map((time, place) => [
          wholeMoment(time, view),
          ...rows.map((row) => cell(row, view.rows.moments[place])),
        ]),
      })}
    >
      <ZoomGroup view={view} title={title}>
        <ul className={styles.rows}>
          {rows.map((row) => (
            <li key={row.name} className={styles.row}>
              <span className={styles.rowName}>
                {row.name} <span className={styles.rowHint}>{row.hint}</span>
              </span>
              <span className={styles.rowLine} dir="ltr">
                <Sparkline
                  line={coarse.moments.map((moment) => (moment ? row.read(moment) : null))}
                  className={styles.rowSpark}
                />
              </span>
              <bdi className={styles.rowValue}>{cell(row, whole)}</bdi>
            </li>
          ))}
        </ul>
      </ZoomGroup>
      {children}
    </Figure>
  );
}
