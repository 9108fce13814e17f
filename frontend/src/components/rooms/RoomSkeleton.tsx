/** A room of which nothing is known yet: its head, its messages and the place to write, empty. */
import { useTitle } from '../../hooks/useTitle';
import { Skeleton } from '../ui/Skeleton';
import styles from './RoomSkeleton.module.css';

export function RoomSkeleton() {
  useTitle(undefined);
  return (
    <div className={styles.room}>
      <div className={styles.head} aria-hidden />
      <Skeleton shape="messages" />
      <div className={styles.composer} aria-hidden />
    </div>
  );
}
