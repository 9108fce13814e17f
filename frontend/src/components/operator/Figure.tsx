/** A plot with its title, what it says in one sentence, and the same as a table. */
import { type ReactNode, useState } from 'react';
import { operatorStrings } from '../../app/operatorStrings';
import styles from './Plots.module.css';

interface TableOf {
  readonly columns: readonly string[];
  /** The first cell of a row names it. */
  readonly rows: readonly (readonly string[])[];
}

interface Props {
  title: string;
  sentence: string;
  table: () => TableOf;
  /** As wide as the page, or as tall as two. */
  wide?: boolean;
  tall?: boolean;
  children: ReactNode;
}

export function Figure({ title, sentence, table, wide, tall, children }: Props) {
  const [asTable, setAsTable] = useState(false);
  const words = operatorStrings();
  return (
    <section
      className={styles.figure}
      data-wide={wide || undefined}
      data-tall={tall || undefined}
      aria-label={title}
    >
      <header className={styles.head}>
        <h3 className={styles.title}>{title}</h3>
        <button
          type="button"
          className={styles.switch}
          aria-label={`${asTable ? words.asPlot : words.asTable}: ${title}`}
          onClick={() => setAsTable(!asTable)}
        >
          {asTable ? words.asPlot : words.asTable}
        </button>
        <p className={styles.sentence}>{sentence}</p>
      </header>
      {asTable ? <NumberTable title={title} {...table()} /> : children}
    </section>
  );
}

function NumberTable({ title, columns, rows }: TableOf & { title: string }) {
  return (
    // What is wider than the page is moved by keys too.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls.
    <section className={styles.tableWell} tabIndex={0} aria-label={title}>
      <table className={styles.table}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, ...cells]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {cells.map((cell, place) => (
                <td key={columns[place + 1]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
