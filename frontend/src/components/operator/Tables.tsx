/** What all tables of numbers have in common. */
import type { ReactNode } from 'react';
import styles from './Plots.module.css';

export function Columns({ names }: { names: readonly string[] }) {
  return (
    <thead>
      <tr>
        {names.map((name) => (
          <th key={name} scope="col">
            {name}
          </th>
        ))}
      </tr>
    </thead>
  );
}

interface WellProps {
  title: string;
  className?: string | undefined;
  children: ReactNode;
}

/** What is larger than the page, or than its place there, is moved by keys too. */
export function TableWell({ title, className = '', children }: WellProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls.
    <section className={`${styles.tableWell} ${className}`} tabIndex={0} aria-label={title}>
      <table className={styles.table}>{children}</table>
    </section>
  );
}
