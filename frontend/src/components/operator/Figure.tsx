/** A plot with its title, what it says in one sentence, and the same as a table. */
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { operatorStrings } from '../../app/operatorStrings';
import styles from './Plots.module.css';
import { Columns, TableWell } from './Tables';
import { spanIn, type View } from './view';

interface TableOf {
  readonly columns: readonly string[];
  /** The first cell of a row names it. */
  readonly rows: readonly (readonly string[])[];
}

interface Props {
  /** The time it shows, if it shows any. */
  view?: View;
  title: string;
  sentence: string;
  table: () => TableOf;
  /** As wide as the page, or as tall as two. */
  wide?: boolean;
  tall?: boolean;
  children: ReactNode;
}

export function Figure({ view, title, sentence, table, wide, tall, children }: Props) {
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
        {view && <Zoomed view={view} sentence={sentence} />}
      </header>
      {asTable ? <NumberTable title={title} {...table()} /> : children}
    </section>
  );
}

/** Whoever comes closer in this plot, or goes back, is told what it says now; not what it says each second. */
function Zoomed({ view, sentence }: { view: View; sentence: string }) {
  const own = useRef<HTMLParagraphElement>(null);
  const told = useRef(view.zooming.zoom);
  const [text, setText] = useState('');
  const { zoom } = view.zooming;
  const now = `${spanIn(view)}. ${sentence}`;

  // biome-ignore lint/correctness/useExhaustiveDependencies: only another part is news.
  useEffect(() => {
    if (told.current === zoom) return;
    told.current = zoom;
    const isHere = own.current?.closest('section')?.contains(document.activeElement);
    setText(isHere ? now : '');
  }, [zoom]);

  return (
    <p ref={own} className="visually-hidden" role="status">
      {text}
    </p>
  );
}

function NumberTable({ title, columns, rows }: TableOf & { title: string }) {
  return (
    <TableWell title={title}>
      <Columns names={columns} />
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
    </TableWell>
  );
}
