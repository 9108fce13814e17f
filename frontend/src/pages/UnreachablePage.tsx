/** There is nothing to show without the server. It is asked again from time to time. */
import { useEffect } from 'react';
import { strings } from '../app/strings';
import type { Failure } from '../chat/failure';
import { Trouble } from '../components/ui/Trouble';
import styles from './DoorPage.module.css';

const AGAIN_MS = 5_000;

export function UnreachablePage({ failure, onRetry }: { failure: Failure; onRetry: () => void }) {
  useEffect(() => {
    const timer = setTimeout(onRetry, AGAIN_MS);
    return () => clearTimeout(timer);
  }, [onRetry]);

  return (
    <main className={styles.page}>
      <p className={styles.mark}>{strings.product}</p>
      <div className={styles.sheet}>
        <Trouble what={strings.session.unreachable} failure={failure} onRetry={onRetry} />
      </div>
    </main>
  );
}
