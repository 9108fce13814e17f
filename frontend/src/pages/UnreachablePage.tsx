/** There is nothing to show without the server. It is asked again from time to time. */
import { strings } from '../app/strings';
import type { Failure } from '../chat/failure';
import { Trouble } from '../components/ui/Trouble';
import { useAskedAgain } from '../hooks/useAskedAgain';
import styles from './DoorPage.module.css';

export function UnreachablePage({ failure, onRetry }: { failure: Failure; onRetry: () => void }) {
  useAskedAgain(onRetry, failure);
  return (
    <main className={styles.page}>
      <p className={styles.mark}>{strings.product}</p>
      <div className={styles.sheet}>
        <Trouble what={strings.session.unreachable} failure={failure} onRetry={onRetry} />
      </div>
    </main>
  );
}
