import { shownKeys } from '../../chat/commands';
import { APPLE } from '../../hooks/useKeyboard';
import styles from './Keys.module.css';

export function Keys({ keys }: { keys: string }) {
  return (
    <span className={styles.keys}>
      {shownKeys(keys, APPLE).map((key) => (
        <kbd key={key} className={styles.key}>
          {key}
        </kbd>
      ))}
    </span>
  );
}
