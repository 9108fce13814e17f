import { strings } from '../app/strings';
import { Button } from '../components/ui/Button';
import styles from './DoorPage.module.css';

export function UnreachablePage({ onRetry }: { onRetry: () => void }) {
  return (
    <main className={styles.page}>
      <div className={styles.sheet}>
        <h1 className={styles.title}>{strings.session.unreachable}</h1>
        <p className={styles.lead}>{strings.session.unreachableHint}</p>
        <Button onClick={onRetry}>{strings.retry}</Button>
      </div>
    </main>
  );
}
