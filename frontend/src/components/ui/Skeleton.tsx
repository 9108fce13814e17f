/** The shape of what is coming, after a moment in which nothing is shown (200 ms). */
import { strings } from '../../app/strings';
import styles from './Skeleton.module.css';

export type Shape = 'rooms' | 'list' | 'messages' | 'people' | 'page';

const ROWS: Readonly<Record<Shape, number>> = { rooms: 6, list: 5, messages: 5, people: 3, page: 1 };

export function Skeleton({ shape }: { shape: Shape }) {
  return (
    <div className={styles.skeleton} data-shape={shape}>
      <span className="visually-hidden" role="status">
        {strings.loading}
      </span>
      {Array.from({ length: ROWS[shape] }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is nothing but its place.
        <div key={row} className={styles.row} aria-hidden>
          <span className={styles.bar} />
          <span className={styles.bar} />
        </div>
      ))}
    </div>
  );
}
